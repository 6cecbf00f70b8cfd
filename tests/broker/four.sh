# shellcheck shell=bash
# Sourced by tests/run: a RabbitMQ 4 beside whatever the machine has, unpacked into a folder of its own.
#
#   four_install   gets it when it is not there, sets NODE_ROOT; exits with an explanation otherwise
#
# Debian's packages are fetched by an apt with a state of its own and unpacked, not installed: nothing
# of the machine is changed. The node runs with that folder as its root, which takes root.
#
#   PIKA_RABBITMQ4_DIR     the folder (default: pika-rabbitmq4 in the user's cache)
#   PIKA_RABBITMQ4_SUITE   the suite of Debian that it comes from (default: sid, the newest)

four_install() {
    local suite=${PIKA_RABBITMQ4_SUITE:-sid}
    local home=${PIKA_RABBITMQ4_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/pika-rabbitmq4}
    NODE_ROOT=$home/$suite
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null || ! command -v unshare >/dev/null; then
        cat >&2 <<END
tests/run: RabbitMQ 4 is unpacked from Debian's packages and run with another root folder, which
takes root, apt-get and unshare. Run tests/run as root on Debian, or leave it out: --broker 3.
END
        exit 1
    fi
    if [ -e "$NODE_ROOT/complete" ]; then
        return 0
    fi
    echo "tests/run: unpacking RabbitMQ 4 of Debian $suite into $NODE_ROOT"
    rm -rf -- "$NODE_ROOT"
    mkdir -p "$home/apt-$suite"/{lists,archives}/partial "$NODE_ROOT"
    : >"$home/apt-$suite/status"
    four_sources "$suite" >"$home/apt-$suite/sources.list"
    four_apt "$home/apt-$suite" update
    # With nothing noted as installed, everything that it needs comes along. The rest is what its
    # scripts call.
    four_apt "$home/apt-$suite" install --download-only rabbitmq-server \
        bash coreutils dash findutils gawk grep hostname procps sed util-linux
    four_unpack "$home/apt-$suite/archives"
    four_prepare
    touch "$NODE_ROOT/complete"
    rm -rf -- "$home/apt-$suite/archives"
}

# The mirror that the machine uses itself.
four_sources() {
    local mirror
    mirror=$(sed -n -e 's/^URIs: *\([^ ]*debian\/\{0,1\}\)$/\1/p' \
        -e 's/^deb .*\(http[^ ]*debian\/\{0,1\}\) .*/\1/p' \
        /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null | head -n 1) || true
    if [ -z "$mirror" ]; then
        echo "tests/run: expected a Debian mirror in /etc/apt/sources.list or sources.list.d, found none" >&2
        exit 1
    fi
    echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $1 main"
}

four_apt() {
    local state=$1
    shift
    DEBIAN_FRONTEND=noninteractive apt-get -q -y \
        -o Dir::State="$state" -o Dir::State::Lists="$state/lists" -o Dir::State::status="$state/status" \
        -o Dir::Cache="$state" -o Dir::Cache::Archives="$state/archives" \
        -o Dir::Etc::SourceList="$state/sources.list" -o Dir::Etc::SourceParts=/dev/null \
        -o APT::Install-Recommends=false -o APT::Sandbox::User=root -o Acquire::Languages=none \
        "$@" >"$state/log" 2>&1 || {
        tail -n 20 "$state/log" >&2
        echo "tests/run: RabbitMQ 4 could not be fetched" >&2
        exit 1
    }
}

four_unpack() {
    local link package
    mkdir -p "$NODE_ROOT"/usr/{bin,sbin,lib,lib64}
    for link in bin sbin lib lib64; do ln -s "usr/$link" "$NODE_ROOT/$link"; done
    for package in "$1"/*.deb; do
        dpkg-deb --extract "$package" "$NODE_ROOT"
    done
    [ -e "$NODE_ROOT/usr/bin/sh" ] || ln -s dash "$NODE_ROOT/usr/bin/sh"
    [ -e "$NODE_ROOT/usr/bin/awk" ] || ln -s gawk "$NODE_ROOT/usr/bin/awk"
}

# What installing would have done, as far as a node needs it.
four_prepare() {
    local device
    mkdir -p "$NODE_ROOT"/{dev,etc,proc,root,run,tmp} "$NODE_ROOT"/var/{lib,log}
    chmod 1777 "$NODE_ROOT/tmp"
    echo 'root:x:0:0:root:/root:/bin/bash' >"$NODE_ROOT/etc/passwd"
    echo 'root:x:0:' >"$NODE_ROOT/etc/group"
    echo '127.0.0.1 localhost' >"$NODE_ROOT/etc/hosts"
    echo 'hosts: files' >"$NODE_ROOT/etc/nsswitch.conf"
    for device in 'null 3' 'zero 5' 'random 8' 'urandom 9'; do
        # shellcheck disable=SC2086
        set -- $device
        mknod -m 666 "$NODE_ROOT/dev/$1" c 1 "$2"
    done
    ln -s /proc/self/fd "$NODE_ROOT/dev/fd"
}
