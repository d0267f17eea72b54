/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * A program that confines itself with libseccomp: mkdirat() is refused, and of
 * getppid() and rmdir() a thread of its own decides, which lets the first be made and
 * answers the second. It prints what came of them.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define N_ASKED 2

static _Atomic int listener = -1;

static void
check (int result, const char *what)
{
  if (result >= 0)
    return;
  fprintf (stderr, "%s: %s\n", what, strerror (-result));
  exit (1);
}

static void *
supervise (void *data)
{
  struct seccomp_notif *request;
  struct seccomp_notif_resp *response;

  (void) data;
  while (listener < 0)
    sched_yield ();
  check (seccomp_notify_alloc (&request, &response), "seccomp_notify_alloc");
  for (int i = 0; i < N_ASKED; i++)
    {
      memset (request, 0, sizeof *request);
      check (seccomp_notify_receive (listener, request), "seccomp_notify_receive");
      memset (response, 0, sizeof *response);
      response->id = request->id;
      if (request->data.nr == seccomp_syscall_resolve_name ("getppid"))
        response->flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
      else
        response->error = -ENOTEMPTY;
      check (seccomp_notify_respond (listener, response), "seccomp_notify_respond");
    }
  seccomp_notify_free (request, response);
  return NULL;
}

static void
confine (void)
{
  scmp_filter_ctx context = seccomp_init (SCMP_ACT_ALLOW);

  check (context != NULL ? 0 : -ENOMEM, "seccomp_init");
  check (seccomp_rule_add (context, SCMP_ACT_ERRNO (EXDEV), SCMP_SYS (mkdirat), 0), "mkdirat");
  check (seccomp_rule_add (context, SCMP_ACT_NOTIFY, SCMP_SYS (getppid), 0), "getppid");
  check (seccomp_rule_add (context, SCMP_ACT_NOTIFY, SCMP_SYS (rmdir), 0), "rmdir");
  check (seccomp_load (context), "seccomp_load");
  check (listener = seccomp_notify_fd (context), "seccomp_notify_fd");
  seccomp_release (context);
}

int
main (void)
{
  pid_t parent = getppid ();
  pthread_t supervisor;

  check (-pthread_create (&supervisor, NULL, supervise, NULL), "pthread_create");
  confine ();
  printf ("mkdirat: %d", mkdirat (AT_FDCWD, "directory", 0700));
  printf (", %s\n", strerror (errno));
  printf ("getppid: %s\n", getppid () == parent ? "as before" : "another");
  printf ("rmdir: %d", rmdir ("directory"));
  printf (", %s\n", strerror (errno));
  return pthread_join (supervisor, NULL);
}
