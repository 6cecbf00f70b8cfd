# shellcheck shell=bash
# Sourced by tests/run and tests/broker/ctl: one private RabbitMQ node in one temporary directory.
#
# Nothing outside that directory is written and no port of the machine's own broker is used: the
# node has its own AMQP, distribution and epmd ports on the loopback interface, its own cookie,
# and its own epmd, which ends with it.
#
#   node_in       runs a command of the node with its environment, in the place of this shell
#   node_start    starts the node, waits until it answers, sets NODE_DIR, NODE_PORT and NODE_TLS_PORT;
#                 NODE_DIR/tls has the authority (ca.pem) and the client certificate (client.pem,
#                 client.key) of its TLS listener
#   node_stop     ends node and epmd and removes the directory; harmless when nothing runs
#   node_kill     ends the node at once and keeps its directory, for node_again
#   node_again    starts the node that was ended, with what it has on disk
#   node_log_tail shows the end of everything the node has written

# The folder that the node takes for the root; empty for that of the machine.
NODE_ROOT=${NODE_ROOT-}
NODE_DIR=
NODE_PORT=
NODE_TLS_PORT=
NODE_PID=
NODE_EPMD_PID=
NODE_SERVER=${NODE_SERVER:-/usr/lib/rabbitmq/bin/rabbitmq-server}
NODE_START_SECONDS=${NODE_START_SECONDS:-60}

node_start() {
    local attempt
    for attempt in 1 2 3; do
        node_launch
        if node_wait; then
            return 0
        fi
        echo "tests/run: the private broker did not answer (attempt $attempt)" >&2
        node_log_tail
        node_stop
    done
    echo "tests/run: no private broker after $attempt attempts" >&2
    return 1
}

node_launch() {
    local parent=${TMPDIR:-/tmp}
    [ -z "$NODE_ROOT" ] || parent=$NODE_ROOT/tmp
    NODE_DIR=$(mktemp -d "$parent/pika-broker.XXXXXX")
    local dist_port epmd_port
    NODE_PORT=$(node_free_port)
    NODE_TLS_PORT=$(node_free_port "$NODE_PORT")
    dist_port=$(node_free_port "$NODE_PORT" "$NODE_TLS_PORT")
    epmd_port=$(node_free_port "$NODE_PORT" "$NODE_TLS_PORT" "$dist_port")
    node_write_files "$dist_port" "$epmd_port"

    # A process group each, so that an interrupt from the terminal reaches this script alone.
    (node_in setsid epmd -port "$epmd_port" -address 127.0.0.1) >"$NODE_DIR/epmd.out" 2>&1 </dev/null &
    NODE_EPMD_PID=$!
    node_run
}

node_run() {
    (node_in setsid "$NODE_SERVER") >>"$NODE_DIR/node.out" 2>&1 </dev/null &
    NODE_PID=$!
}

node_kill() {
    kill -"${1:-KILL}" -- "-$NODE_PID" 2>/dev/null || true
    wait "$NODE_PID" 2>/dev/null || true
}

node_again() {
    node_run
    node_wait
}

node_in() {
    set -a
    # shellcheck source=/dev/null
    . "$NODE_DIR/environment"
    if [ -z "$NODE_ROOT" ]; then
        cd "$NODE_DIR" || exit
        exec "$@"
    fi
    PATH=/usr/sbin:/usr/bin
    # /proc is mounted for this process and its children alone, so nothing stays mounted.
    exec unshare --mount --propagation private bash -c '
        mount -t proc proc "$0/proc" || exit
        exec chroot "$0" /usr/bin/env --chdir "$@"' "$NODE_ROOT" "${NODE_DIR#"$NODE_ROOT"}" "$@"
}

node_write_files() {
    # The directory as the node sees it.
    local dist_port=$1 epmd_port=$2 here=${NODE_DIR#"$NODE_ROOT"}
    cat >"$NODE_DIR/environment" <<END
HOME='$here'
ERL_EPMD_PORT=$epmd_port
ERL_EPMD_ADDRESS=127.0.0.1
RABBITMQ_NODENAME='pika-$$-$NODE_PORT@localhost'
RABBITMQ_DIST_PORT=$dist_port
RABBITMQ_CONF_ENV_FILE='$here/none.conf'
RABBITMQ_CONFIG_FILE='$here/rabbitmq.conf'
RABBITMQ_ADVANCED_CONFIG_FILE='$here/advanced.config'
RABBITMQ_GENERATED_CONFIG_DIR='$here/generated'
RABBITMQ_ENABLED_PLUGINS_FILE='$here/enabled_plugins'
RABBITMQ_MNESIA_BASE='$here/data'
RABBITMQ_LOG_BASE='$here/log'
RABBITMQ_LOGS='$here/log/node.log'
RABBITMQ_FEATURE_FLAGS_FILE='$here/feature_flags'
RABBITMQ_PID_FILE='$here/node.pid'
RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS='-kernel inet_dist_use_interface {127,0,0,1}'
END
    echo '[rabbitmq_auth_mechanism_ssl].' >"$NODE_DIR/enabled_plugins"
    echo '[].' >"$NODE_DIR/advanced.config"
    : >"$NODE_DIR/none.conf"
    cat >"$NODE_DIR/rabbitmq.conf" <<END
listeners.tcp.1 = 127.0.0.1:$NODE_PORT
listeners.ssl.1 = 127.0.0.1:$NODE_TLS_PORT
ssl_options.cacertfile = $here/tls/ca.pem
ssl_options.certfile = $here/tls/server.pem
ssl_options.keyfile = $here/tls/server.key
ssl_options.verify = verify_peer
ssl_options.fail_if_no_peer_cert = false
ssl_cert_login_from = common_name
auth_mechanisms.1 = PLAIN
auth_mechanisms.2 = AMQPLAIN
auth_mechanisms.3 = EXTERNAL
load_definitions = $here/definitions.json
disk_free_limit.absolute = 10MB
log.console = false
END
    cp "$(dirname "${BASH_SOURCE[0]}")/definitions.json" "$NODE_DIR/definitions.json"
    # One that asks for the password, for demonstrations.
    echo 'auth_mechanisms.4 = RABBIT-CR-DEMO' >>"$NODE_DIR/rabbitmq.conf"
    # ANONYMOUS came with 4.0.
    [ -z "$NODE_ROOT" ] || echo 'auth_mechanisms.5 = ANONYMOUS' >>"$NODE_DIR/rabbitmq.conf"
    mkdir "$NODE_DIR/data" "$NODE_DIR/log" "$NODE_DIR/generated" "$NODE_DIR/tls"
    node_write_certificates "$NODE_DIR/tls"
}

# An authority, and what it signs for the node and for a client that logs in as the user certified.
node_write_certificates() {
    local tls=$1
    node_key "$tls/ca"
    openssl req -new -x509 -key "$tls/ca.key" -out "$tls/ca.pem" -days 30 -subj '/CN=pika test CA' \
        -addext 'basicConstraints = critical, CA:TRUE' -addext 'keyUsage = critical, keyCertSign, cRLSign'
    node_certificate "$tls" server localhost serverAuth
    node_certificate "$tls" client certified clientAuth
    chmod 644 "$tls"/*
}

node_key() {
    openssl ecparam -name prime256v1 -genkey -noout -out "$1.key"
}

node_certificate() {
    local tls=$1 name=$2 subject=$3 use=$4
    node_key "$tls/$name"
    openssl req -new -key "$tls/$name.key" -out "$tls/$name.csr" -subj "/CN=$subject"
    openssl x509 -req -in "$tls/$name.csr" -out "$tls/$name.pem" -days 30 -CAcreateserial \
        -CA "$tls/ca.pem" -CAkey "$tls/ca.key" -extfile /dev/stdin 2>/dev/null <<END
basicConstraints = critical, CA:FALSE
extendedKeyUsage = $use
subjectAltName = DNS:$subject, DNS:localhost, IP:127.0.0.1, IP:::1
END
}

# A loopback port on which nobody listens and which is none of the arguments. Below the range the
# kernel takes outgoing ports from, so that no client of the tests can be given it by chance.
node_free_port() {
    local port
    while :; do
        port=$((20000 + (RANDOM * 32768 + RANDOM) % 12000))
        case " $* " in *" $port "*) continue ;; esac
        if ! (: <>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
            echo "$port"
            return
        fi
    done
}

node_wait() {
    local deadline=$((SECONDS + NODE_START_SECONDS))
    while ((SECONDS < deadline)); do
        if ! kill -0 "$NODE_PID" 2>/dev/null; then
            echo "tests/run: the private broker ended while starting" >&2
            return 1
        fi
        if node_answers; then
            return 0
        fi
        sleep 0.2
    done
    echo "tests/run: the private broker gave no answer in $NODE_START_SECONDS seconds" >&2
    return 1
}

# Sends the protocol header of 0-9-1; connection.start comes in a method frame, whose type is 1.
node_answers() {
    (
        exec 3<>"/dev/tcp/127.0.0.1/$NODE_PORT"
        printf 'AMQP\0\0\11\1' >&3
        LC_ALL=C IFS= read -r -N 1 -t 3 octet <&3
        [ "$octet" = $'\1' ]
    ) 2>/dev/null
}

node_stop() {
    node_end_group "$NODE_PID"
    node_end_group "$NODE_EPMD_PID"
    NODE_PID=
    NODE_EPMD_PID=
    if [ -n "$NODE_DIR" ]; then
        rm -rf -- "$NODE_DIR"
    fi
    NODE_DIR=
    NODE_PORT=
    NODE_TLS_PORT=
}

# setsid made the process the leader of a group of its own. The data is thrown away, so the node
# has five seconds to end by itself and no more.
node_end_group() {
    local leader=$1 tries
    [ -n "$leader" ] || return 0
    kill -TERM "$leader" 2>/dev/null || true
    for ((tries = 0; tries < 50; tries++)); do
        kill -0 -- "-$leader" 2>/dev/null || break
        sleep 0.1
    done
    kill -KILL -- "-$leader" 2>/dev/null || true
    wait "$leader" 2>/dev/null || true
}

node_log_tail() {
    local file
    [ -n "$NODE_DIR" ] || return 0
    for file in "$NODE_DIR"/*.out "$NODE_DIR"/log/*; do
        if [ -s "$file" ]; then
            echo "--- the last lines of ${file#"$NODE_DIR"/}" >&2
            tail -n 40 "$file" >&2
        fi
    done
}
