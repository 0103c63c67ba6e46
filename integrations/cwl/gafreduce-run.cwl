#!/usr/bin/env cwl-runner
cwlVersion: v1.2
class: CommandLineTool
label: Report which organisms are annotated with a GO term, by which gene products, on what evidence
baseCommand: [gafreduce, run, --quiet, --output, run]
arguments:
  - prefix: --cores
    valueFrom: $(runtime.cores)
hints:
  ResourceRequirement:
    coresMin: 1
    ramMin: 1024
  SoftwareRequirement:
    packages:
      gafreduce:
        version: ["0.1.0"]
inputs:
  annotations:
    doc: annotation files, or one folder with a sample sheet, as `gafreduce fetch` writes
    type: [Directory, "File[]"]
    inputBinding: {position: 1}
  ontology:
    doc: go-basic.obo; not needed if it is in the folder of the annotations
    type: File?
    inputBinding: {prefix: --ontology}
  term:
    doc: the term, by id or exact name
    type: string
    default: GO:0030420
    inputBinding: {prefix: --term}
outputs:
  run:
    doc: the run folder
    type: Directory
    outputBinding: {glob: run}
  report:
    type: File?
    outputBinding: {glob: run/report.html}
  organisms:
    type: File
    outputBinding: {glob: run/tables/organisms.tsv}
permanentFailCodes: [1, 2, 4, 70]
temporaryFailCodes: [3]
