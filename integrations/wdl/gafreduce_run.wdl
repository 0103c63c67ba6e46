version 1.1

task gafreduce_run {
  meta {
    description: "Report which organisms are annotated with a GO term, by which gene products, on what evidence"
  }

  parameter_meta {
    annotations: "annotation files: GAF, GPAD or another format that gafreduce reads"
    ontology: "go-basic.obo"
    term: "the term, by id or exact name"
    container: "an image with gafreduce"
  }

  input {
    Array[File]+ annotations
    File ontology
    String term = "GO:0030420"
    String container = "gafreduce:0.1.0"
    Int cpu = 2
  }

  command <<<
    set -euo pipefail
    gafreduce run --quiet --term '~{term}' --ontology '~{ontology}' --cores ~{cpu} --output run \
      '~{sep("' '", annotations)}'
    tar -czf run.tar.gz run
  >>>

  output {
    File run = "run.tar.gz"
    File report = "run/report.html"
    File organisms = "run/tables/organisms.tsv"
    Array[File] tables = glob("run/tables/*.tsv")
  }

  runtime {
    container: container
    cpu: cpu
    memory: "2 GB"
    returnCodes: 0
  }
}

workflow gafreduce {
  input {
    Array[File]+ annotations
    File ontology
    String term = "GO:0030420"
  }

  call gafreduce_run {
    input:
      annotations = annotations,
      ontology = ontology,
      term = term,
  }

  output {
    File run = gafreduce_run.run
    File report = gafreduce_run.report
    File organisms = gafreduce_run.organisms
  }
}
