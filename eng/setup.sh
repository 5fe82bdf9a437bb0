# Sourced by ./run and ./test: what the machine must have, found or installed. Debian 12, Ubuntu 24.04 and newer.
# shellcheck shell=bash

say() { printf '%s\n' "$*" >&2; }

# Not by a pipe into `grep -q`: it may end before ldconfig does, and pipefail then calls the library missing.
have_library() { grep -q "$1" <<<"$(ldconfig -p 2>/dev/null)"; }

# The newest libgdal package that the distribution has, whatever version its name carries.
gdal_package() { apt-cache search --names-only '^libgdal[0-9]+(t64)?$' 2>/dev/null | awk '{print $1}' | sort -V | tail -n 1; }

# Where a Node.js of our own lies when the distribution's is too old (Debian 12 has 18); first on the path from here on.
own_node="$root/.run/node"
if [ -x "$own_node/node_modules/node/bin/node" ]; then PATH="$own_node/node_modules/node/bin:$PATH"; fi

# Only where it can be had: everything works without.
lacks_isal() { ! have_library 'libisal\.so\.2' && apt-cache show libisal2 >/dev/null 2>&1; }

node_is_new_enough() {
    command -v node >/dev/null || return 1
    node -e 'const [a,b]=process.versions.node.split(".").map(Number); process.exit(a>20||(a===20&&b>=19)?0:1)'
}

# Prints one line for each thing that is missing: "<what for>|<package or command>".
missing_for_run() {
    if [ -z "${GDAL_LIBRARY:-}" ] && ! have_library 'libgdal\.so'; then echo "GDAL, to read scenes and maps|libgdal"; fi
    if ! have_library 'libgomp\.so\.1'; then echo "OpenMP runtime, for the learned models|libgomp1"; fi
    if lacks_isal; then echo "ISA-L, which reads deflated scenes a fifth faster|libisal2"; fi
    if ! node_is_new_enough; then echo "Node.js 20.19 or newer, to build the web pages|nodejs npm"; fi
}

missing_for_test() {
    missing_for_run
    command -v chromium >/dev/null || echo "Chromium, to test the pages|chromium"
    grep -qi 'noto.*cjk' <<<"$(fc-list 2>/dev/null)" || echo "Chinese fonts, for the screenshots|fonts-noto-cjk fontconfig"
    command -v mosquitto_pub >/dev/null || echo "mosquitto clients, a real MQTT peer|mosquitto-clients"
    [ -n "$(find /usr/share/postgresql -name postgis.control 2>/dev/null)" ] || echo "PostGIS, to set judgement against|postgresql-postgis"
    command -v strace >/dev/null || echo "strace, to see that an ack follows its fsync|strace"
}

# install_missing LIST: asks (unless ASSUME_YES=1), then installs with apt.
install_missing() {
    [ -n "$1" ] || return 0
    say "This machine lacks:"
    printf '%s\n' "$1" | while IFS='|' read -r why what; do say "  $what  ($why)"; done
    if ! command -v apt-get >/dev/null; then
        say "It has no apt-get; install these with your own package manager (GDAL may also be named by GDAL_LIBRARY)."
        return 2
    fi
    if [ "${ASSUME_YES:-0}" != 1 ]; then
        if [ ! -t 0 ]; then say "Run again with --yes to install them."; return 2; fi
        read -r -p "Install them with apt-get? [y/N] " answer
        case "$answer" in y | Y | yes | j | J) ;; *) say "Nothing was installed."; return 2 ;; esac
    fi
    local sudo=""
    if [ "$(id -u)" != 0 ]; then sudo="sudo"; fi
    $sudo apt-get update -qq || return 3
    local packages
    packages=$(printf '%s\n' "$1" | cut -d'|' -f2)
    packages=${packages//libgdal/$(gdal_package)}
    # A machine without lists of packages did not know of it before.
    if lacks_isal && [[ $packages != *libisal2* ]]; then packages+=" libisal2"; fi
    # shellcheck disable=SC2086
    DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends $packages >&2 || return 3
    if ! node_is_new_enough; then install_own_node || return $?; fi
}

# The npm registry carries Node.js itself: the distribution's npm fetches a newer one beside the repository's build, not onto the machine.
install_own_node() {
    say "The distribution's Node.js is older than 20.19; fetching version 22 from the npm registry into .run/node ..."
    mkdir -p "$own_node"
    if npm install --prefix "$own_node" --no-audit --no-fund --silent node@22 >&2; then
        PATH="$own_node/node_modules/node/bin:$PATH"
        hash -r
    fi
    if ! node_is_new_enough; then
        say "Node.js 20.19 or newer could not be had; install it (nodejs.org or your own mirror) and run again."
        return 2
    fi
}

require_dotnet() {
    if ! command -v dotnet >/dev/null || ! grep -q '^10\.' <<<"$(dotnet --list-sdks 2>/dev/null)"; then
        say "The .NET 10 SDK is missing; install it (packages dotnet-sdk-10.0, or dot.net/download) and run again."
        return 2
    fi
}
