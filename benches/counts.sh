#!/usr/bin/env bash
# Counts the instructions of a start, a restart, a stop, an event and a node of a snapshot.
#
#     counts.sh             counts, and prints the counts
#     counts.sh --check     counts, and fails if a count exceeds the one in counts.txt by more than 3 %
#     counts.sh --write     counts, and writes counts.txt
#
# The script needs valgrind and the toolchain with which counts.txt was written, and fails without them.
set -euo pipefail
cd "$(dirname "$0")"

pinned=1.95.0

command -v valgrind >/dev/null || { echo 'valgrind is not installed' >&2; exit 1; }

if rustc --version | grep -q "^rustc ${pinned//./\\.} "; then
    with=()
elif command -v rustup >/dev/null && rustup run "$pinned" rustc --version >/dev/null 2>&1; then
    with=(rustup run "$pinned")
else
    echo "Rust $pinned is not installed" >&2
    exit 1
fi

# The counts are those of the release profile of this crate, so no setting of the environment may change it.
unset RUSTFLAGS CARGO_ENCODED_RUSTFLAGS CARGO_BUILD_RUSTFLAGS
for setting in $(compgen -e CARGO_PROFILE_); do unset "$setting"; done

exec "${with[@]}" cargo run --release --locked --quiet --no-default-features --features counts --bin counts -- "$@"
