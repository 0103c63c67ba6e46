# Build infra/Dockerfile without Docker, and run its image as Lambda and Batch do (make image-check).
#   sh tests/cloud/check_image.sh FOLDER GAFREDUCE
# Needs root, Debian's buildah and debootstrap, 5 GB below FOLDER and a network. The base is Debian 12 with its own
# Python, as python:3.11-slim-bookworm is Debian 12 with a Python; GAFREDUCE is a program to compare tables with.
set -eu
folder="$(mkdir -p "$1" && cd "$1" && pwd)"
program="$2"
here="$(cd "$(dirname "$0")/../.." && pwd)"
image="buildah --root $folder/images --runroot $folder/state"
export BUILDAH_ISOLATION=chroot

if ! $image inspect --type image localhost/gafreduce-base >/dev/null 2>&1; then
  rm -rf "$folder/base"
  debootstrap --variant=minbase --include=ca-certificates,python3-dev,python3-venv bookworm "$folder/base" >"$folder/base.log"
  ln -s python3 "$folder/base/usr/bin/python"
  rm -rf "$folder"/base/var/cache/apt/archives/*.deb "$folder"/base/var/lib/apt/lists/*
  container="$($image from scratch)"
  $image add -q "$container" "$folder/base" / >/dev/null
  $image commit -q --rm "$container" gafreduce-base >/dev/null
fi
# certificates of this machine, so that packages come through its network
$image bud --layers=false --ignorefile "$here/infra/Dockerfile.dockerignore" --build-arg BASE=localhost/gafreduce-base \
  -v /etc/ssl/certs/ca-certificates.crt:/etc/ssl/certs/ca-certificates.crt:ro \
  -f "$here/infra/Dockerfile" -t gafreduce "$here" >"$folder/build.log" 2>&1 || { tail -20 "$folder/build.log"; exit 1; }
container="$($image from --pull-never localhost/gafreduce)"
trap '$image rm "$container" >/dev/null' EXIT
root="$($image mount "$container")"

echo "| part | MB |"
echo "|---|---|"
size() { du -sm --total "$@" | awk -v name="$name" 'END { print "| " name " | " $1 " |" }'; }
name="Debian and Python" && size --exclude=opt "$root"
name="everything in /opt/venv" && size "$root/opt/venv"
(cd "$root/opt/venv/lib/python3.11/site-packages" && du -sm -- * | sort -rn | head -"${PARTS:-10}" |
  while read -r megabytes part; do echo "| - $part | $megabytes |"; done)
echo "| compressed, as a registry stores it | $(tar -C "$root" -c . | gzip -6 | wc -c | awk '{ print int($1 / 1e6) }') |"

# read-only, another user, no HOME, no /dev/shm, 512 MB of temporary folder; variables and entry point of the image
variables="$($image inspect --format '{{range .OCIv1.Config.Env}}{{.}} {{end}}' "$container")"
entry="$($image inspect --format '{{range .OCIv1.Config.Entrypoint}}{{.}} {{end}}' "$container")"
run() {
  # shellcheck disable=SC2086 # words without blanks
  unshare --mount sh -euc '
    root="$1"; out="$2"; samples="$3"; shift 3
    mount --make-rprivate /
    mount --bind "$root" "$root" && mount -o remount,bind,ro "$root"
    mount --bind "$samples" "$root/mnt" && mount -t proc proc "$root/proc"
    mount -t tmpfs tmpfs "$root/dev" && mknod -m 666 "$root/dev/null" c 1 3 && mknod -m 666 "$root/dev/urandom" c 1 9
    mount -t tmpfs -o size=512m,mode=1777 tmpfs "$root/tmp"
    chroot --userspec=10001:10001 "$root" /usr/bin/env -i "$@"
    if test -d "$root/tmp/run"; then cp -r "$root/tmp/run" "$out"; fi' \
    run "$root" "$folder/run" "$here/data/samples" $variables "$@"
}
rm -rf "$folder/run" "$folder/expected"
run sh -c 'test "$(id -u)" = 10001 && ! touch /x 2>/dev/null && ! test -e /dev/shm && test -z "${HOME:-}"'
run python -c "import awslambdaric, gafreduce.cloud.start; import gafreduce.jobs.native._compiled"
run $entry run /mnt --ontology /mnt/go-samples.obo -q --search -o /tmp/run
"$program" run "$here/data/samples" --ontology "$here/data/samples/go-samples.obo" -q --no-report -o "$folder/expected"
for table in "$folder"/expected/tables/*.tsv; do
  test "$(basename "$table")" = runs.tsv || cmp "$table" "$folder/run/tables/$(basename "$table")"
done
test -s "$folder/run/report.html" && test -s "$folder/run/extras/search.sqlite"
echo "the image runs the samples as user 10001, read-only, without HOME and /dev/shm: the tables have the same bytes"
