#!/bin/sh
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Process 1 of a small machine whose kernel has Yama; test-yama.py makes it and
# reads what this prints: "case SCOPE USER WHAT STATUS", then what was said.
export PATH=/bin LD_LIBRARY_PATH=/lib
mount -t proc proc /proc
mount -t devtmpfs dev /dev
mkfifo -m 622 /tmp/target

as () # USER COMMAND…
{
  who=$1
  shift
  if [ "$who" = nobody ]; then
    as-user --reuid=65534 --regid=65534 --clear-groups "$@"
  else
    "$@"
  fi
}

said () # USER WHAT STATUS
{
  echo "case $scope $1 $2 $3"
  sed 's/^/said /' /tmp/said-"$1"
  rm -f /tmp/said-"$1"
}

try_spawn ()
{
  as "$1" pinktrace -q -e trace=execve,openat -- cat /etc/passwd >/tmp/said-"$1" 2>&1
  said "$1" spawn $?
}

# Of a child of ours, and so not of the tracer's. It is itself when it says "sleep":
# before that it is a shell, and root's.
try_attach () # USER OF-USER
{
  as "$2" sh -c 'echo $$ >/tmp/target; exec sleep 3' &
  read -r target </tmp/target
  until [ "$(cat /proc/"$target"/comm)" = sleep ]; do :; done
  as "$1" pinktrace -q -p "$target" >/tmp/said-"$1" 2>&1
  said "$1" "attach-$2" $?
  kill "$target" 2>/dev/null
  wait
}

# 3 cannot be lowered again.
for scope in 0 1 2 3; do
  echo "$scope" >/proc/sys/kernel/yama/ptrace_scope
  for user in root nobody; do
    try_spawn "$user"
    try_attach "$user" "$user"
  done
  try_attach nobody root
done
echo "that is all"
poweroff -f
