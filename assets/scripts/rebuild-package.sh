#!/bin/sh
# Builds the package of one job of a release pipeline and pushes it to the mirror, unless the mirror has it.
#
# The pipeline sets:
#   SPACK_ROOT_SPEC            the root spec: an abstract spec, a spec with its hash, or a deflated spec file in base64
#   SPACK_JOB_SPEC_PKG_NAME    the package to build, of the root's DAG
#   SPACK_JOB_SPEC_DAG_HASH    its hash in a lockfile of ci-generation/ (not for abstract roots and spec files)
#   SPACK_COMPILER_ACTION      NONE, FIND_ANY (take the runner's compilers) or INSTALL_MISSING (build what is missing)
#   SPACK_MIRROR_URL           where the package goes: a path, file://, s3://, http(s):// or what else Spack pushes to
#   SPACK_ENABLE_CDASH         True to report to SPACK_CDASH_BASE_URL, with SPACK_CDASH_PROJECT, _PROJECT_ENC,
#                              _BUILD_NAME and _SITE, SPACK_JOB_SPEC_BUILDGROUP and SPACK_RELATED_BUILDS
# The project's settings may add:
#   SPACK_SIGNING_KEY          a secret gpg key in base64; without one, packages are neither signed nor verified
#   S3_ENDPOINT_URL, AWS_…     as Spack reads them
#   SPACK_MIRROR_AUTH_HEADER   a header line to upload to an http(s) mirror with; else ~/.netrc counts
#   SPACK_CDASH_AUTH_TOKEN     to log in to CDash
#   SPACK                      the spack to run; else the released tree's, $SPACK_ROOT's or the one in PATH
#
# Exit codes: 0 built and pushed, or up to date; 1 the build failed; 2 a variable is missing or wrong; 3 the spec
# cannot be found or concretized; 4 a dependency is missing; 5 the package is built and cannot be pushed.
set -eu

say() { printf '==> %s\n' "$*"; }
warn() { printf '==> Warning: %s\n' "$*" >&2; }
fail() {
    code=$1
    shift
    printf '==> Error: %s\n' "$*" >&2
    exit "$code"
}

# Prints a URL without the password that it may hold.
shown() { printf '%s\n' "$1" | sed 's#//[^/@]*@#//***@#'; }

# Runs a command, shows its output, keeps it in a file and returns its exit code.
logged() {
    log=$1
    shift
    {
        status=0
        "$@" || status=$?
        printf '%s\n' "$status" >"$work/status"
    } 2>&1 | tee "$log"
    read -r status <"$work/status"
    return "$status"
}

in_job() { "$spack" -C "$scope" -e "$environment" "$@"; }

require() {
    for name in "$@"; do
        eval "value=\${$name:-}"
        [ -n "$value" ] || fail 2 "variable $name is missing or empty"
    done
}

check_variables() {
    require SPACK_ROOT_SPEC SPACK_JOB_SPEC_PKG_NAME SPACK_COMPILER_ACTION SPACK_MIRROR_URL SPACK_ENABLE_CDASH
    case $SPACK_COMPILER_ACTION in
    NONE | FIND_ANY | INSTALL_MISSING) ;;
    *) fail 2 "SPACK_COMPILER_ACTION is neither NONE, FIND_ANY nor INSTALL_MISSING: $SPACK_COMPILER_ACTION" ;;
    esac
    case $SPACK_ENABLE_CDASH in
    True)
        require SPACK_CDASH_BASE_URL SPACK_CDASH_PROJECT SPACK_CDASH_PROJECT_ENC SPACK_CDASH_BUILD_NAME \
            SPACK_CDASH_SITE SPACK_JOB_SPEC_BUILDGROUP
        ;;
    False) ;;
    *) fail 2 "SPACK_ENABLE_CDASH is neither True nor False: $SPACK_ENABLE_CDASH" ;;
    esac
}

find_spack() {
    spack=${SPACK:-}
    [ -n "$spack" ] || [ ! -x "$project/bin/spack" ] || spack=$project/bin/spack
    [ -n "$spack" ] || [ ! -x "${SPACK_ROOT:-}/bin/spack" ] || spack=$SPACK_ROOT/bin/spack
    [ -n "$spack" ] || spack=$(command -v spack) || fail 2 "there is no spack; set SPACK to its path"
}

# Moves away what earlier jobs left: only the job's own files become its artifacts.
receive_artifacts() {
    rm -rf "$received" "$logs"
    mkdir -p "$received" "$logs"
    for path in local_mirror/build_cache cdash_report; do
        [ ! -e "$project/$path" ] || mv "$project/$path" "$received/"
        mkdir -p "$project/$path"
    done
}

# Imports the signing key where no other job and no build script can read it.
import_signing_key() {
    [ -n "${SPACK_SIGNING_KEY:-}" ] || return 0
    mkdir -m 700 "$work/gnupg"
    SPACK_GNUPGHOME=$work/gnupg
    export SPACK_GNUPGHOME
    printf '%s\n' "$SPACK_SIGNING_KEY" | base64 -d >"$work/key" 2>/dev/null ||
        fail 2 "SPACK_SIGNING_KEY is not in base64"
    unset SPACK_SIGNING_KEY
    in_job gpg trust "$work/key" || fail 2 "SPACK_SIGNING_KEY cannot be imported"
    rm -f "$work/key"
}

quoted() { printf "'%s'" "$(printf '%s' "$1" | sed "s/'/''/g")"; }

# Writes what Spack is configured with: the manifest, and a scope with the mirrors that the manifest does not have.
write_configuration() {
    mkdir -p "$scope" "$environment"
    job_manifest >"$environment/spack.yaml"
    ! grep -q '^ *"\{0,1\}include"\{0,1\} *:' "$environment/spack.yaml" || copy_included
    {
        printf 'mirrors:\n  release-job-artifacts:\n    signed: %s\n    url: ' "$signed"
        quoted "$received/build_cache"
        if [ ! -f "$inputs/spack.yaml" ] || ! grep -qF -e "$SPACK_MIRROR_URL" "$inputs/spack.yaml"; then
            printf '\n  release-job-mirror: '
            quoted "$SPACK_MIRROR_URL"
        fi
        printf '\n'
    } >"$scope/mirrors.yaml"
    printf 'concretizer:\n  reuse: %s\n' "$reuse" >"$scope/concretizer.yaml"
}

# Prints the manifest with one spec and without what Spack has no use for in a job.
job_manifest() {
    [ -f "$inputs/spack.yaml" ] || {
        printf 'spack:\n  specs: [%s]\n  view: false\n' "$SPACK_JOB_SPEC_PKG_NAME"
        return
    }
    awk -v spec="$SPACK_JOB_SPEC_PKG_NAME" '
        function indent(line) { match(line, /^ */); return RLENGTH }
        /^[^ #]/ { print; next }
        /^ *(#|$)/ { if (keep) print; next }
        !level { level = indent($0); printf "%*sspecs: [%s]\n%*sview: false\n", level, "", spec, level, "" }
        indent($0) == level && !/^ *-/ {
            key = $0
            gsub(/^ *["\047]?|["\047]? *:.*$/, "", key)
            keep = key !~ /^(specs|definitions|view|gitlab-ci|ci|cdash|include_concrete)$/
        }
        keep { print }
    ' "$inputs/spack.yaml"
}

# Puts what the manifest includes where it stands to the manifest as in the commit, without what Spack has no use for.
copy_included() {
    find "$generated" -type f ! -name spack.yaml ! -name '*.lock' ! -name .gitlab-ci.yml | while IFS= read -r file; do
        target=$logs/environment${file#"$generated"}
        mkdir -p "${target%/*}"
        awk '
            /^["\047A-Za-z]/ {
                key = $0
                gsub(/^["\047]|["\047]? *:.*$/, "", key)
                drop = key ~ /^(definitions|gitlab-ci|ci|cdash)$/
            }
            !drop { print }
        ' "$file" >"$target"
    done
}

write_python() {
    cat >"$work/inflate.py" <<'PYTHON'
import base64, os, sys, zlib

with open(sys.argv[1], "wb") as out:
    out.write(zlib.decompress(base64.b64decode(os.environ["SPACK_ROOT_SPEC"])))
PYTHON
    cat >"$work/lock.py" <<'PYTHON'
# lock.py SOURCE HASH TARGET: keeps a spec and what it depends on of a lockfile, or all of a spec file.
import json, sys

source, wanted, target = sys.argv[1:]
with open(source, encoding="utf-8") as file:
    data = json.load(file)
if "concrete_specs" not in data:
    version = data["spec"]["_meta"]["version"]
    nodes = data["spec"]["nodes"]
    wanted = nodes[0]["hash"]
    data = {"concrete_specs": {node["hash"]: node for node in nodes}}
    data["_meta"] = {"file-type": "spack-lockfile", "lockfile-version": 6 if version > 4 else 5}
    data["_meta"]["specfile-version"] = version
specs = data["concrete_specs"]
keys = {node.get("hash", key): key for key, node in specs.items()}
kept, pending = {}, [keys.get(wanted, wanted)]


def hashes(value):
    if isinstance(value, str):
        return [value] if value in specs else []
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
    return [found for item in items for found in hashes(item)]


while pending:
    key = pending.pop()
    if key not in kept:
        kept[key] = specs[key]
        pending += hashes(specs[key])
root = keys.get(wanted, wanted)
data["concrete_specs"] = kept
data["roots"] = [{"hash": root, "spec": specs[root]["name"]}]
data.pop("include_concrete", None)
with open(target, "w", encoding="utf-8") as file:
    json.dump(data, file)
print(wanted)
PYTHON
}

# Prints the lockfile, or a spec file, that holds the job's spec.
concrete_source() {
    if [ -n "${SPACK_JOB_SPEC_DAG_HASH:-}" ]; then
        for lock in "$inputs"/*.lock; do
            [ ! -f "$lock" ] || ! grep -qF -e "\"$SPACK_JOB_SPEC_DAG_HASH\"" "$lock" || {
                printf '%s\n' "$lock"
                return
            }
        done
        fail 3 "no lockfile in $inputs holds /$SPACK_JOB_SPEC_DAG_HASH"
    fi
    root=$SPACK_ROOT_SPEC
    case $root in
    # What zlib and base64 make of any document begins so, and no package's name does.
    eJ*)
        root=$work/root.json
        in_job python "$work/inflate.py" "$root" >&2 || fail 3 "SPACK_ROOT_SPEC cannot be decoded"
        ;;
    esac
    if [ "$reuse" = true ] && [ -d "$received/build_cache" ]; then
        in_job buildcache update-index "$received/build_cache" >&2 || warn "artifacts cannot be indexed"
    fi
    in_job buildcache save-specfile --root-spec "$root" --specs "$SPACK_JOB_SPEC_PKG_NAME" --specfile-dir "$work" >&2 ||
        fail 3 "the root spec of $SPACK_JOB_SPEC_PKG_NAME cannot be concretized"
    [ -f "$work/$SPACK_JOB_SPEC_PKG_NAME.json" ] ||
        fail 3 "$SPACK_JOB_SPEC_PKG_NAME is not part of $SPACK_ROOT_SPEC as this Spack concretizes it"
    printf '%s\n' "$work/$SPACK_JOB_SPEC_PKG_NAME.json"
}

# Completes the environment of this job: its spec and what that depends on, with nothing left to concretize.
lock_environment() {
    write_python
    source=$(concrete_source)
    in_job python "$work/lock.py" "$source" "${SPACK_JOB_SPEC_DAG_HASH:-}" "$environment/spack.lock" >"$work/hash" ||
        fail 3 "the lockfile $source cannot be read"
    hash=$(tail -n 1 "$work/hash")
}

# Tells whether the mirror has the package. Spack checks all specs of the environment and lists those that are not
# there; it cannot check a spec by name before that is installed.
is_up_to_date() {
    missing=$logs/missing.json
    in_job buildcache check --mirror-url "$SPACK_MIRROR_URL" -o "$missing" || [ -f "$missing" ] || {
        warn "the mirror cannot be checked; the package is built"
        return 1
    }
    ! grep -qF -e "\"$hash\"" "$missing"
}

# Builds the dependencies that no mirror has, compilers among them. Not the first choice: Spack then installs what it
# would need to build any of them.
install_missing() {
    [ "$SPACK_COMPILER_ACTION" = INSTALL_MISSING ] || return 1
    say "what is missing is built here"
    logged "$logs/dependencies.log" in_job install --only-concrete --fail-fast --show-log-on-error \
        ${verify:+"$verify"} --use-buildcache=package:never,dependencies:auto --only=dependencies "/$hash"
}

install_package() {
    set -- install --only-concrete --fail-fast --show-log-on-error ${verify:+"$verify"}
    set -- "$@" --use-buildcache=package:never,dependencies:only
    logged "$logs/dependencies.log" in_job "$@" --only=dependencies "/$hash" || install_missing ||
        fail 4 "the dependencies of $SPACK_JOB_SPEC_PKG_NAME cannot be installed from mirrors and artifacts"
    set -- "$@" --only=package
    if [ "$SPACK_ENABLE_CDASH" = True ]; then
        set -- "$@" --cdash-upload-url "$SPACK_CDASH_BASE_URL/submit.php?project=$SPACK_CDASH_PROJECT_ENC" \
            --cdash-build "$SPACK_CDASH_BUILD_NAME" --cdash-site "$SPACK_CDASH_SITE" \
            --cdash-track "$SPACK_JOB_SPEC_BUILDGROUP" --log-file "$reports/$SPACK_JOB_SPEC_PKG_NAME"
    fi
    built=0
    logged "$logs/install.log" in_job "$@" "/$hash" || built=$?
    in_job logs "/$hash" >"$logs/build-output.txt" 2>/dev/null || rm -f "$logs/build-output.txt"
    relate_builds
    [ "$built" -eq 0 ] || fail 1 "$SPACK_JOB_SPEC_PKG_NAME cannot be built (spack install: exit code $built)"
}

push_package() {
    logged "$logs/push-artifacts.log" in_job buildcache push --only package "$sign" "$artifacts" "/$hash" ||
        fail 5 "$SPACK_JOB_SPEC_PKG_NAME cannot be kept as an artifact"
    case $SPACK_MIRROR_URL in
    http://* | https://*) logged "$logs/push.log" upload_package ;;
    *) logged "$logs/push.log" in_job buildcache push --only package "$sign" "$SPACK_MIRROR_URL" "/$hash" ;;
    esac || fail 5 "$SPACK_JOB_SPEC_PKG_NAME cannot be pushed to $(shown "$SPACK_MIRROR_URL")"
}

# Uploads the package file by file, since Spack only reads from http; what names other files comes last.
upload_package() {
    : >"$work/upload.conf"
    [ -z "${SPACK_MIRROR_AUTH_HEADER:-}" ] ||
        printf 'header = "%s"\n' "$(escaped "$SPACK_MIRROR_AUTH_HEADER")" >"$work/upload.conf"
    for part in blobs v3; do
        (cd "$artifacts" && find "$part" -type f) >"$work/files" || return 1
        while IFS= read -r file; do
            say "upload $file"
            curl --silent --show-error --fail --netrc-optional --retry 3 --connect-timeout 30 \
                --config "$work/upload.conf" --upload-file "$artifacts/$file" "${SPACK_MIRROR_URL%/}/$file" || return 1
        done <"$work/files"
    done
}

# Escapes a text for a string of JSON or of curl's configuration.
escaped() { printf '%s' "$1" | sed 's/[\\"]/\\&/g'; }

# Tells CDash which builds this one depends on. A report that fails is no reason for the job to fail.
relate_builds() {
    [ "$SPACK_ENABLE_CDASH" = True ] || return 0
    build=$(sed -n 's/.*buildSummary\.php?buildid=\([0-9][0-9]*\).*/\1/p' "$logs/install.log" | tail -n 1)
    [ -n "$build" ] || {
        warn "CDash named no build; nothing is related to it"
        return 0
    }
    printf '%s\n' "$build" >"$reports/$SPACK_JOB_SPEC_PKG_NAME.buildid"
    : >"$work/cdash.conf"
    [ -z "${SPACK_CDASH_AUTH_TOKEN:-}" ] ||
        printf 'header = "Authorization: Bearer %s"\n' "$(escaped "$SPACK_CDASH_AUTH_TOKEN")" >"$work/cdash.conf"
    printf '%s' "${SPACK_RELATED_BUILDS:-}" | tr ';' '\n' >"$work/related"
    while IFS= read -r name || [ -n "$name" ]; do
        # A dependency that was up to date has no build.
        [ -f "$received/cdash_report/$name.buildid" ] || continue
        read -r related <"$received/cdash_report/$name.buildid"
        printf '{"project": "%s", "buildid": "%s", "relatedid": "%s", "relationship": "depends on"}' \
            "$(escaped "$SPACK_CDASH_PROJECT")" "$build" "$related" >"$work/relation.json"
        curl --silent --show-error --fail --max-time 60 --config "$work/cdash.conf" --output "$work/answer" \
            --header 'Content-Type: application/json' --data "@$work/relation.json" \
            "$SPACK_CDASH_BASE_URL/api/v1/relateBuilds.php" || warn "CDash does not relate the build to that of $name"
    done <"$work/related"
}

project=${CI_PROJECT_DIR:-$PWD}
generated=$project/ci-generation
# An environment that includes files of directories above its own is as far down.
inputs=$(find "$generated" -name spack.yaml 2>/dev/null | sort | head -n 1)
inputs=${inputs%/spack.yaml}
inputs=${inputs:-$generated}
received=$project/received_artifacts
logs=$project/jobs_scratch_dir
artifacts=$project/local_mirror/build_cache
reports=$project/cdash_report
environment=$logs/environment${inputs#"$generated"}
scope=$logs/scope
sign=--signed
verify=
signed=true
[ -n "${SPACK_SIGNING_KEY:-}" ] || {
    sign=--unsigned
    verify=--no-check-signature
    signed=false
}
reuse=false

check_variables
# Only with the compilers of earlier phases at hand is a root concretized against what is built already.
[ "$SPACK_COMPILER_ACTION" != INSTALL_MISSING ] || reuse=true
work=$(umask 077 && mktemp -d "${TMPDIR:-/tmp}/rebuild-package.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
find_spack
receive_artifacts
write_configuration
import_signing_key
if [ "$SPACK_COMPILER_ACTION" = FIND_ANY ]; then
    in_job compiler find || fail 1 "the runner's compilers cannot be found"
fi
lock_environment
say "$SPACK_JOB_SPEC_PKG_NAME /$hash"
if is_up_to_date; then
    say "up to date: $(shown "$SPACK_MIRROR_URL") has the package"
    exit 0
fi
install_package
push_package
say "pushed to $(shown "$SPACK_MIRROR_URL")"
