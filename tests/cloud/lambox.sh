# Run a command as Lambda does: a read-only root, no /dev/shm, no HOME, one temporary folder of 512 MB.
#   unshare --mount sh lambox.sh FOLDER KILOBYTES NAME=VALUE... COMMAND...
set -e
root="$1/root"
memory="$2"
shift 2
mkdir -p "$root"
mount --rbind / "$root"
mount --make-rprivate "$root"
mount -o remount,bind,ro "$root"
mount -t tmpfs -o size=512m tmpfs "$root/mnt"
mount -t tmpfs -o size=4k,mode=000,ro tmpfs "$root/dev/shm"
ulimit -v "$memory"
exec chroot "$root" /usr/bin/env -i PATH=/usr/bin:/bin TMPDIR=/mnt LANG=C.UTF-8 "$@"
