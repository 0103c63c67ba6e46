"""The command line: parser, dispatch and exit codes (`main`), and options that commands share.

`main` imports a command only to run it or to print its help. `options` and `filter_options` are for
the modules of `gafreduce.commands`, and import no command.
"""
