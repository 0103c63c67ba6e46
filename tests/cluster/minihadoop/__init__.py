"""A minimal Hadoop, an S3 server and Amazon EMR's control plane on one machine.

What each module is about:

- `build`: fetches and builds what is needed, once, into a cache outside the checkout.
- `configuration`: every Hadoop setting and why it is set; writes the configuration folders.
- `processes`: starts and stops daemons so that none is left behind.
- `history`: what Hadoop tells of jobs that have ended.
- `cluster`: which daemons there are, in which order they start, and how to use them.
- `emr_rules`: what Amazon's control plane refuses, as pure functions, each with its source.
- `control_plane`: EMR and IAM (moto) with these rules in front; its steps run on the Hadoop.
"""
