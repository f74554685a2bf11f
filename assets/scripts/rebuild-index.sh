#!/bin/sh
# Brings the index of the mirror up to date, after the packages of a release are pushed.
#
# The pipeline sets MIRROR_URL. The project's settings may add S3_ENDPOINT_URL and AWS_… as Spack reads them;
# SPACK, the spack to run; and MIRROR_INDEX_URL, another address of the mirror, one that Spack can write to.
#
# Exit codes: 0 the index is up to date; 1 it is not; 2 a variable is missing, or the mirror can only be read.
set -eu

fail() {
    code=$1
    shift
    printf '==> Error: %s\n' "$*" >&2
    exit "$code"
}

project=${CI_PROJECT_DIR:-$PWD}
# An environment that includes files of directories above its own is as far down.
manifest=$(find "$project/ci-generation" -name spack.yaml 2>/dev/null | sort | head -n 1)
url=${MIRROR_INDEX_URL:-${MIRROR_URL:-}}

[ -n "$url" ] || fail 2 "variable MIRROR_URL is missing or empty"
case $url in
http://* | https://*) fail 2 "Spack cannot write an index over http; set MIRROR_INDEX_URL to another way to the mirror" ;;
esac

spack=${SPACK:-}
[ -n "$spack" ] || [ ! -x "$project/bin/spack" ] || spack=$project/bin/spack
[ -n "$spack" ] || [ ! -x "${SPACK_ROOT:-}/bin/spack" ] || spack=$SPACK_ROOT/bin/spack
[ -n "$spack" ] || spack=$(command -v spack) || fail 2 "there is no spack; set SPACK to its path"

scope=$(umask 077 && mktemp -d "${TMPDIR:-/tmp}/rebuild-index.XXXXXX")
trap 'rm -rf "$scope"' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# The environment's mirrors say how each is reached: endpoint, profile and the variables with the secrets.
[ ! -f "$manifest" ] || awk '
    function indent(line) { match(line, /^ */); return RLENGTH }
    /^[^ #]/ || /^ *(#|$)/ { next }
    !level { level = indent($0) }
    indent($0) == level && !/^ *-/ { keep = /^ *["\047]?mirrors["\047]? *:/ }
    keep { print }
' "$manifest" >"$scope/mirrors.yaml"
[ -s "$scope/mirrors.yaml" ] || printf 'mirrors: {}\n' >"$scope/mirrors.yaml"

"$spack" -C "$scope" buildcache update-index --keys "$url" || fail 1 "the index of the mirror is not up to date"
