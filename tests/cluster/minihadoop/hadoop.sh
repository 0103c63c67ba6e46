#!/bin/sh
# bin/hadoop of a minimal Hadoop: one Java program per sub-command. mrjob calls version, fs and jar;
# the others are for people and for `gafreduce doctor`, under the names they know (hdfs, yarn and
# mapred are links to this).
home=$(dirname "$(dirname "$(readlink -f "$0")")")
command=$1; shift
case $command in
  version) class=util.VersionInfo ;;                  fs|dfs) class=fs.FsShell ;;
  jar) class=util.RunJar ;;                           dfsadmin) class=hdfs.tools.DFSAdmin ;;
  application) class=yarn.client.cli.ApplicationCLI; set -- application "$@" ;;
  applicationattempt|container) class=yarn.client.cli.ApplicationCLI; set -- "$command" "$@" ;;
  node) class=yarn.client.cli.NodeCLI ;;              logs) class=yarn.client.cli.LogsCLI ;;
  job) class=mapred.JobClient ;;                      queue) class=yarn.client.cli.QueueCLI ;;
  getconf) class=hdfs.tools.GetConf ;;
  namenode) class=hdfs.server.namenode.NameNode ;;    datanode) class=hdfs.server.datanode.DataNode ;;
  resourcemanager) class=yarn.server.resourcemanager.ResourceManager ;;
  nodemanager) class=yarn.server.nodemanager.NodeManager ;;
  historyserver) class=mapreduce.v2.hs.JobHistoryServer ;;
  *) echo "hadoop: no command '$command' here; see $0" >&2; exit 2 ;;
esac
exec "${JAVA_HOME:+$JAVA_HOME/bin/}java" $HADOOP_CLIENT_OPTS \
  -cp "$HADOOP_CONF_DIR:$home/share/hadoop/*" "org.apache.hadoop.$class" "$@"
