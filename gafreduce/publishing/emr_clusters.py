"""Control of EMR clusters: their tags, whether one still takes steps, and its end.

A cluster is named by `region/id`, as in lock records.
"""

from __future__ import annotations

from typing import Any

from gafreduce.storage.s3 import Access
from gafreduce.storage.s3_errors import translate_errors


def terminate_cluster(access: Access, cluster: str) -> None:
    """Terminate an EMR cluster.

    Raises:
        S3Error: The request failed.
    """
    region, _, cluster_id = cluster.partition("/")
    with translate_errors(f"terminating cluster {cluster_id}"):
        _client(access, region).terminate_job_flows(JobFlowIds=[cluster_id])


def read_tags(access: Access, cluster: str) -> list[dict[str, Any]]:
    """Return the tags of an EMR cluster, each with `Key` and `Value`.

    Raises:
        S3Error: The request failed.
    """
    region, _, cluster_id = cluster.partition("/")
    with translate_errors(f"asking for cluster {cluster_id}"):
        answer = _client(access, region).describe_cluster(ClusterId=cluster_id)
    return list(answer["Cluster"].get("Tags", ()))


def is_cluster_alive(access: Access, cluster: str) -> bool:
    """Return whether an EMR cluster still takes steps: one that idles for long ends itself.

    Raises:
        S3Error: The request failed.
    """
    region, _, cluster_id = cluster.partition("/")
    with translate_errors(f"asking for cluster {cluster_id}"):
        answer = _client(access, region).describe_cluster(ClusterId=cluster_id)
    return not str(answer["Cluster"]["Status"]["State"]).startswith("TERMINAT")


def _client(access: Access, region: str) -> Any:
    return access.session().client("emr", region_name=region)
