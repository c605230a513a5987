# Installs packages of the system. To be sourced.

as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

# Installs the package $1, unless the command after it succeeds.
install_missing() {
    "${@:2}" >/dev/null 2>&1 && return
    echo "installing $1" >&2
    as_root apt-get update -qq >&2
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$1" >&2
}

# Where this machine has its packages from, unless DEBIAN_MIRROR says so.
debian_mirror() {
    echo "${DEBIAN_MIRROR:-$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | sed -n 1p)}"
}
