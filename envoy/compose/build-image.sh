#!/bin/sh
# Builds the image that the tests' container mode runs: an Envoy binary and the libraries it needs.
#
#   envoy/compose/build-image.sh target/envoy/envoy portcullis-envoy:1.40.0
#
# Nothing is downloaded: the image is FROM scratch, so it also builds where no registry answers.
set -eu

if [ $# -ne 2 ]; then
    echo "usage: $0 ENVOY_BINARY IMAGE_TAG" >&2
    exit 2
fi
binary=$1
tag=$2
here=$(cd "$(dirname "$0")" && pwd)

[ -x "$binary" ] || { echo "$0: $binary is not an executable file (run \`make envoy\`)" >&2; exit 1; }

stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
mkdir -p "$stage/root/tmp"
chmod 1777 "$stage/root/tmp"

echo "staging $binary"
cp "$binary" "$stage/root/envoy"
chmod 755 "$stage/root/envoy"

# `ldd` names libraries as `libm.so.6 => /lib/…/libm.so.6 (0x…)` and the loader as `/lib64/… (0x…)`.
ldd "$binary" | awk '$2 == "=>" && $3 ~ /^\// { print $3 } $1 ~ /^\// { print $1 }' | while read -r library; do
    echo "staging $library"
    mkdir -p "$stage/root$(dirname "$library")"
    cp -L "$library" "$stage/root$library"
done

cp "$here/Dockerfile" "$stage/"
echo "building $tag"
DOCKER_BUILDKIT=0 docker build --quiet --tag "$tag" "$stage" 2>"$stage/error" || { cat "$stage/error" >&2; exit 1; }
echo "built $tag"
