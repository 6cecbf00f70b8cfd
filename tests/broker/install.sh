# shellcheck shell=bash
# Sourced by tests/run: finds the programs the tests need and installs what is missing on Debian.
#
#   install_missing   returns when everything is there, exits with an explanation otherwise

install_missing() {
    local packages=()
    install_check_rust
    command -v cc >/dev/null || packages+=(gcc libc6-dev)
    [ -x "$NODE_SERVER" ] || packages+=(rabbitmq-server)
    [ -d "${PIKA_SPECS:-/usr/share/amqp}" ] || packages+=(amqp-specs)
    command -v openssl >/dev/null || packages+=(openssl)
    command -v setsid >/dev/null || packages+=(util-linux)
    # Other clients, to exchange messages with.
    command -v amqp-publish >/dev/null || packages+=(amqp-tools)
    install_python_finds pika || packages+=(python3-pika)
    install_python_finds amqplib || packages+=(python3-amqplib)
    if ((${#packages[@]} == 0)); then
        return 0
    fi
    if ! [ -e /etc/debian_version ] || ! command -v apt-get >/dev/null; then
        cat >&2 <<END
tests/run: missing here: ${packages[*]} (names of Debian's packages).
This is no Debian system, so nothing was installed. Please install
  - RabbitMQ server 3.10 or later with Erlang; its server script is expected at
    $NODE_SERVER (set NODE_SERVER if it is elsewhere)
  - the XML files of the AMQP working group, as in Debian's package amqp-specs, at
    ${PIKA_SPECS:-/usr/share/amqp} (set PIKA_SPECS if they are elsewhere)
  - a C compiler for linking, setsid of util-linux, and openssl
  - amqp-publish and amqp-get of rabbitmq-c, and for $PIKA_TEST_PYTHON (set PIKA_TEST_PYTHON if
    another interpreter shall be used) the modules pika and amqplib
and run tests/run again.
END
        exit 1
    fi
    install_packages "${packages[@]}"
    [ -x "$NODE_SERVER" ] || {
        echo "tests/run: rabbitmq-server is installed, but $NODE_SERVER is not there" >&2
        exit 1
    }
}

# Debian's own interpreter finds Debian's modules; one in the user's PATH need not.
install_python_finds() {
    export PIKA_TEST_PYTHON=${PIKA_TEST_PYTHON:-/usr/bin/python3}
    "$PIKA_TEST_PYTHON" -c "import $1" 2>/dev/null
}

install_check_rust() {
    local version least
    least=$(sed -n 's/^rust-version = "\(.*\)"$/\1/p' "$(dirname "${BASH_SOURCE[0]}")/../../Cargo.toml")
    if ! version=$(cargo --version 2>/dev/null); then
        echo "tests/run: cargo is missing: install Rust $least or later (https://rustup.rs)" >&2
        exit 1
    fi
    version=${version#cargo }
    version=${version%%[!0-9.]*}
    if [ "$(printf '%s\n' "$least" "$version" | sort -V | head -n 1)" != "$least" ]; then
        echo "tests/run: cargo is $version, the least that builds pika is $least (https://rustup.rs)" >&2
        exit 1
    fi
}

install_packages() {
    local as_root=()
    if [ "$(id -u)" != 0 ]; then
        if ! command -v sudo >/dev/null; then
            echo "tests/run: run as root, or with sudo, once: apt-get install $*" >&2
            exit 1
        fi
        as_root=(sudo)
    fi
    echo "tests/run: installing $*"
    "${as_root[@]}" bash "$(dirname "${BASH_SOURCE[0]}")/apt-install" "$@"
}
