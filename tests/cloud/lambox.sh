# Run a command as Lambda does: a read-only root, no /dev/shm, no HOME, one temporary folder of 512 MB, and a limit of
# memory, beyond which it is killed.
#   unshare --mount sh lambox.sh FOLDER MEMORY_GROUP NAME=VALUE... COMMAND...
# MEMORY_GROUP is a folder of the kernel's memory controller.
set -e
root="$1/root"
echo $$ > "$2/cgroup.procs"
shift 2
mkdir -p "$root"
mount --rbind / "$root"
mount --make-rprivate "$root"
mount -o remount,bind,ro "$root"
mount -t tmpfs -o size=512m tmpfs "$root/mnt"
mount -t tmpfs -o size=4k,mode=000,ro tmpfs "$root/dev/shm"
exec chroot "$root" /usr/bin/env -i PATH=/usr/bin:/bin TMPDIR=/mnt LANG=C.UTF-8 "$@"
