"""The commands: one module each, with its options, its help and its `run`.

`add_options(parser)` adds the options; `run(arguments)` yields lines for standard output. Commands
may import everything but `gafreduce.cli.main`; packages below them see no `argparse.Namespace`.

- `inputs`: commands on annotation files and the ontology, which need no run
- `runs`: commands that make run folders or read them
- `program`: commands on gafreduce itself
"""
