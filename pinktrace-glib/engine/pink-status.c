/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What /proc says of a thread, read in the tracer task.
 */
#include "pink-engine-private.h"

#include <fcntl.h>
#include <string.h>

void
pink_status_path (pid_t tid, const char *name, char path[32])
{
  char digits[12];
  char *end = path + 6;
  unsigned n_digits = 0;

  memcpy (path, "/proc/", 6);
  for (pid_t left = tid; left > 0; left /= 10)
    digits[n_digits++] = (char) ('0' + left % 10);
  while (n_digits > 0)
    *end++ = digits[--n_digits];
  memcpy (end, name, strlen (name) + 1);
}

bool
pink_status_read (pid_t tid, char text[PINK_STATUS_SIZE])
{
  char path[32];
  long fd, n;

  pink_status_path (tid, "/status", path);
  fd = PINK_SYS4 (SYS_openat, AT_FDCWD, path, O_RDONLY | O_CLOEXEC, 0);
  if (fd < 0)
    return false;
  n = PINK_SYS3 (SYS_read, fd, text, PINK_STATUS_SIZE - 1);
  PINK_SYS1 (SYS_close, fd);
  text[n > 0 ? n : 0] = '\0';
  return n > 0;
}

pid_t
pink_status_number (pid_t tid, const char *key, pid_t otherwise)
{
  char text[PINK_STATUS_SIZE];
  const char *at = pink_status_read (tid, text) ? strstr (text, key) : NULL;
  pid_t value = 0;

  if (at == NULL)
    return otherwise;
  for (at += strlen (key); *at >= '0' && *at <= '9'; at++)
    value = value * 10 + (*at - '0');
  return value;
}
