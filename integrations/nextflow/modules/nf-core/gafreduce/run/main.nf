process GAFREDUCE_RUN {
    tag "${meta.id}"
    label 'process_low'

    conda "${moduleDir}/environment.yml"
    container "${workflow.containerEngine in ['singularity', 'apptainer'] && !task.ext.singularity_pull_docker_container
        ? 'https://depot.galaxyproject.org/singularity/gafreduce:0.1.0--py311h0'
        : 'biocontainers/gafreduce:0.1.0--py311h0'}"

    input:
    tuple val(meta), path(annotations, stageAs: 'in/*'), val(term)
    path ontology

    output:
    tuple val(meta), path("${prefix}"), emit: run
    tuple val(meta), path("${prefix}/tables/*.tsv"), emit: tables
    tuple val(meta), path("${prefix}/report.html"), emit: report, optional: true
    path "${prefix}/extras/gafreduce_mqc.json", emit: multiqc, optional: true
    tuple val("${task.process}"), val('gafreduce'), eval("gafreduce --version | sed 's/gafreduce //'"), topic: versions, emit: versions_gafreduce

    when:
    task.ext.when == null || task.ext.when

    script:
    def args = task.ext.args ?: ''
    def ontology_arg = ontology ? "--ontology ${ontology}" : ''
    prefix = task.ext.prefix ?: "${meta.id}"
    """
    gafreduce \\
        run \\
        ${annotations} \\
        --term '${term}' \\
        ${ontology_arg} \\
        --cores ${task.cpus} \\
        --quiet \\
        ${args} \\
        --output ${prefix}
    """

    stub:
    prefix = task.ext.prefix ?: "${meta.id}"
    """
    mkdir -p ${prefix}/tables ${prefix}/extras
    touch ${prefix}/report.html ${prefix}/run.json ${prefix}/tables/organisms.tsv ${prefix}/extras/gafreduce_mqc.json
    """
}
