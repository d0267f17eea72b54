# SPDX-License-Identifier: LGPL-2.1-or-later
set -m
trap 'echo usr1' USR1
kill -USR1 $$

# A job in the foreground that stops itself gives the terminal, or what stands
# for it, back to the shell.
/bin/sh -c 'kill -TSTP $$; echo on'
echo $?
jobs -s | wc -l
fg >/dev/null
echo $?
/bin/sh -c 'kill -STOP $$; echo on'
echo $?
bg %1 >/dev/null
wait %1
echo $?
/bin/sh -c 'kill -STOP $$; kill -TERM $$; echo never'
fg >/dev/null
echo $?

( trap 'echo term; exit 3' TERM; kill -TERM $BASHPID )
echo $?
for i in 1 2 3 4 5; do
  ( exit $i ) &
  wait $!
  echo $?
done
trap 'echo bye' EXIT
/bin/sh -c 'kill -9 $$' 2>/dev/null
echo $?
