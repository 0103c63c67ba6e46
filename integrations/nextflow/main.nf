// A workflow of one module:
//   nextflow run integrations/nextflow --annotations 'gaf/*.gaf.gz' --ontology go-basic.obo --term GO:0030420
include { GAFREDUCE_RUN } from './modules/nf-core/gafreduce/run/main'

workflow {
    annotations = Channel.fromPath(params.annotations, type: 'any', checkIfExists: true)
    GAFREDUCE_RUN(
        annotations.collect(sort: true).map { files -> [[id: params.term.replace(':', '_')], files, params.term] },
        params.ontology ? file(params.ontology, checkIfExists: true) : []
    )
}
