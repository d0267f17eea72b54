/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#if !defined (PINKTRACE_GLIB_INSIDE) && !defined (PINKTRACE_GLIB_COMPILATION)
# error "Only <pinktrace-glib/pinktrace-glib.h> can be included directly."
#endif

#include <pinktrace-glib/pink-types.h>

G_BEGIN_DECLS

#define PINK_TYPE_LAUNCHER (pink_launcher_get_type ())
PINK_AVAILABLE_IN_1_0
G_DECLARE_FINAL_TYPE (PinkLauncher, pink_launcher, PINK, LAUNCHER, GObject)

PINK_AVAILABLE_IN_1_0
PinkLauncher *pink_launcher_new                   (void);
PINK_AVAILABLE_IN_1_0
void          pink_launcher_set_environ           (PinkLauncher        *self,
                                                   const char * const  *environment);
PINK_AVAILABLE_IN_1_0
void          pink_launcher_setenv                (PinkLauncher        *self,
                                                   const char          *variable,
                                                   const char          *value,
                                                   gboolean             overwrite);
PINK_AVAILABLE_IN_1_0
void          pink_launcher_unsetenv              (PinkLauncher        *self,
                                                   const char          *variable);
PINK_AVAILABLE_IN_1_0
const char   *pink_launcher_get_working_directory (PinkLauncher        *self);
PINK_AVAILABLE_IN_1_0
void          pink_launcher_set_working_directory (PinkLauncher        *self,
                                                   const char          *directory);
PINK_AVAILABLE_IN_1_0
gboolean      pink_launcher_set_user              (PinkLauncher        *self,
                                                   const char          *user,
                                                   GError             **error);
PINK_AVAILABLE_IN_1_0
void          pink_launcher_take_fd               (PinkLauncher        *self,
                                                   int                  source_fd,
                                                   int                  target_fd);
PINK_AVAILABLE_IN_1_0
void          pink_launcher_close                 (PinkLauncher        *self);
PINK_AVAILABLE_IN_1_0
PinkTracee   *pink_launcher_spawn                 (PinkLauncher        *self,
                                                   PinkTracer          *tracer,
                                                   const char * const  *argv,
                                                   GError             **error);

G_END_DECLS
