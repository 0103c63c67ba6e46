"""Run gafreduce: which organisms are annotated with a GO term, on what evidence."""

from snakemake.shell import shell

term = snakemake.params.get("term", snakemake.wildcards.get("term", "GO:0030420"))
extra = snakemake.params.get("extra", "")
ontology = snakemake.input.get("ontology", [])
ontology = ["--ontology", ontology] if ontology else []
log = snakemake.log_fmt_shell(stdout=True, stderr=True)

shell(
    "gafreduce run {snakemake.input.annotations:q} --term {term:q} {ontology:q}"
    " --cores {snakemake.threads} --quiet {extra} --output {snakemake.output.run:q} {log}"
)
