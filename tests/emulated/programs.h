/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * What the tracers of emulated machines have in common: which programs they trace, and
 * how they read what these have in memory.
 */
#pragma once

#include <dirent.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>

typedef void (*ProgramFunc) (const char *abi, const char *path);

/* Those in "/" whose names are PREFIX and an ABI. */
static inline void
for_programs_found (const char *prefix, ProgramFunc func)
{
  DIR *root = opendir ("/");
  struct dirent *file;

  while (root != NULL && (file = readdir (root)) != NULL)
    if (strncmp (file->d_name, prefix, strlen (prefix)) == 0)
      {
        char path[300];

        snprintf (path, sizeof path, "/%s", file->d_name);
        func (file->d_name + strlen (prefix), path);
      }
  if (root != NULL)
    closedir (root);
}

/* ABI=PROGRAM… of a command line. */
static inline void
for_programs_given (int argc, char **argv, ProgramFunc func)
{
  for (int i = 1; i < argc; i++)
    {
      char *equals = strchr (argv[i], '=');

      if (equals != NULL && equals[1] == '/')
        {
          *equals = '\0';
          func (argv[i], equals + 1);
        }
    }
}

/* All of it or nothing. */
static inline bool
read_program_memory (pid_t pid, uint64_t address, void *buffer, size_t size)
{
  struct iovec here = { buffer, size };
  struct iovec there = { (void *) (uintptr_t) address, size };

  return process_vm_readv (pid, &here, 1, &there, 1, 0) == (ssize_t) size;
}
