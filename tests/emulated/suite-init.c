/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * The first program of an emulated machine that runs the library's own suites: every
 * program in /suites, one after the other, and again with another way forced; then the
 * end. Static. /marked-ABI are what library-test.c traces.
 */
#ifndef _GNU_SOURCE
# define _GNU_SOURCE
#endif
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

static int
by_name (const struct dirent **a, const struct dirent **b)
{
  return strcmp ((*a)->d_name, (*b)->d_name);
}

static int
is_visible (const struct dirent *entry)
{
  return entry->d_name[0] != '.';
}

static void
run (const char *name, const char *force)
{
  char path[300];
  int status = -1;
  pid_t pid;

  snprintf (path, sizeof path, "/suites/%s", name);
  printf ("# suite %s%s%s\n", name, force != NULL ? " forced " : "", force != NULL ? force : "");
  fflush (stdout);
  pid = fork ();
  if (pid == 0)
    {
      if (force != NULL)
        setenv ("PINKTRACE_FORCE", force, 1);
      execl (path, path, "--tap", (char *) NULL);
      _exit (127);
    }
  waitpid (pid, &status, 0);
  printf ("# suite %s ended %d\n", name, status);
  fflush (stdout);
}

static void
find_marked (void)
{
  static const char prefix[] = "marked-";
  char programs[1000] = "";
  struct dirent **files;
  int n = scandir ("/", &files, is_visible, by_name);

  for (int i = 0; i < n; i++)
    if (strncmp (files[i]->d_name, prefix, sizeof prefix - 1) == 0)
      {
        size_t length = strlen (programs);

        snprintf (programs + length, sizeof programs - length, "%s%s=/%s", length > 0 ? " " : "",
                  files[i]->d_name + sizeof prefix - 1, files[i]->d_name);
      }
  setenv ("PINK_MARKED", programs, 1);
}

int
main (void)
{
  struct dirent **suites;
  struct utsname name;
  int n;

  mount ("proc", "/proc", "proc", 0, NULL);
  mount ("tmpfs", "/tmp", "tmpfs", 0, NULL);
  if (mount ("devtmpfs", "/dev", "devtmpfs", 0, NULL) != 0)
    {
      /* The smallest kernels have none. */
      mknod ("/dev/null", S_IFCHR | 0666, makedev (1, 3));
      mknod ("/dev/zero", S_IFCHR | 0666, makedev (1, 5));
    }
  setenv ("PINK_TESTPROG", "/bin/testprog", 1);
  setenv ("PINK_CHANGEPROG", "/bin/changeprog", 1);
  if (access ("/bin/changeprog32", X_OK) == 0)
    setenv ("PINK_CHANGEPROG32", "/bin/changeprog32", 1);
  setenv ("G_TEST_SRCDIR", "/share", 1);
  setenv ("PINK_SHOW_LOG", "1", 1);
  find_marked ();
  setenv ("PINK_TEST_SLOWDOWN", "10", 1); /* a processor that is calculated */
  setenv ("G_SLICE", "always-malloc", 1);
  setenv ("PATH", "/bin", 1);
  uname (&name);
  printf ("# library, kernel %s %s\n", name.release, name.machine);
  n = scandir ("/suites", &suites, is_visible, by_name);
  for (int i = 0; i < n; i++)
    {
      run (suites[i]->d_name, NULL);
      if (strcmp (suites[i]->d_name, "library") == 0)
        run (suites[i]->d_name, "regset");
    }
  fflush (stdout);
  tcdrain (1);
  reboot (RB_POWER_OFF);
  return EXIT_FAILURE;
}
