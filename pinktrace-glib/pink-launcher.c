/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pinktrace-glib.h"

#include "pink-spawn-private.h"
#include "pink-text-private.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <unistd.h>

/**
 * SECTION:pink-launcher
 * @title: PinkLauncher
 * @short_description: starts traced programs as one wants them
 *
 * What #GSubprocessLauncher is to #GSubprocess, a #PinkLauncher is to
 * #PinkTracee: environment, directory, user and descriptors of the programs to be
 * started. What is not set is the caller's; without a launcher, everything is:
 * see pink_tracer_spawn().
 *
 * A launcher can start any number of programs, with any tracer. It is used from
 * one thread at a time; pink_launcher_spawn() is called from the thread that runs
 * the tracer's main context.
 */

/**
 * PinkLauncher:
 *
 * Starts traced programs as one wants them.
 *
 * Since: 1.0
 */
struct _PinkLauncher
{
  GObject   parent_instance;

  char    **environment; /* NULL: the caller's, as it is when it is asked for */
  char     *working_directory;
  GArray   *fds;         /* PinkFdMap; the sources are ours */
  PinkUser  user;        /* groups NULL: the caller's */
};

G_DEFINE_FINAL_TYPE (PinkLauncher, pink_launcher, G_TYPE_OBJECT)

enum
{
  PROP_0,
  PROP_WORKING_DIRECTORY,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

static void
pink_launcher_finalize (GObject *object)
{
  PinkLauncher *self = PINK_LAUNCHER (object);

  pink_launcher_close (self);
  g_array_unref (self->fds);
  g_clear_pointer (&self->user.groups, g_array_unref);
  g_strfreev (self->environment);
  g_free (self->working_directory);
  G_OBJECT_CLASS (pink_launcher_parent_class)->finalize (object);
}

static void
pink_launcher_get_property (GObject    *object,
                            guint       prop_id,
                            GValue     *value,
                            GParamSpec *pspec)
{
  switch (prop_id)
    {
    case PROP_WORKING_DIRECTORY:
      g_value_set_string (value, pink_launcher_get_working_directory (PINK_LAUNCHER (object)));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
pink_launcher_set_property (GObject      *object,
                            guint         prop_id,
                            const GValue *value,
                            GParamSpec   *pspec)
{
  switch (prop_id)
    {
    case PROP_WORKING_DIRECTORY:
      pink_launcher_set_working_directory (PINK_LAUNCHER (object), g_value_get_string (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, prop_id, pspec);
    }
}

static void
pink_launcher_class_init (PinkLauncherClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->finalize = pink_launcher_finalize;
  object_class->get_property = pink_launcher_get_property;
  object_class->set_property = pink_launcher_set_property;

  /**
   * PinkLauncher:working-directory:
   *
   * The directory that programs are started in; %NULL for the caller's.
   *
   * Since: 1.0
   */
  properties[PROP_WORKING_DIRECTORY] =
    g_param_spec_string ("working-directory", NULL, NULL, NULL,
                         G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
pink_launcher_init (PinkLauncher *self)
{
  self->fds = g_array_new (FALSE, FALSE, sizeof (PinkFdMap));
}

/**
 * pink_launcher_new:
 *
 * Makes a launcher.
 *
 * Returns: (transfer full): the launcher
 *
 * Since: 1.0
 */
PinkLauncher *
pink_launcher_new (void)
{
  return g_object_new (PINK_TYPE_LAUNCHER, NULL);
}

/**
 * pink_launcher_set_environ:
 * @self: a launcher
 * @environment: (nullable) (array zero-terminated=1) (element-type filename):
 *   "NAME=value" strings, or %NULL for the environment of the caller
 *
 * Sets the whole environment of programs to be started. The program itself is
 * still looked for in the caller's PATH.
 *
 * Since: 1.0
 */
void
pink_launcher_set_environ (PinkLauncher       *self,
                           const char * const *environment)
{
  char **copy;

  g_return_if_fail (PINK_IS_LAUNCHER (self));

  copy = g_strdupv ((char **) environment);
  g_strfreev (self->environment);
  self->environment = copy;
}

/**
 * pink_launcher_setenv:
 * @self: a launcher
 * @variable: (type filename): the name of a variable, without "="
 * @value: (type filename): its value
 * @overwrite: whether to change it if it is set
 *
 * Sets a variable in the environment of programs to be started. The rest of the
 * caller's environment is taken as it is now.
 *
 * Since: 1.0
 */
void
pink_launcher_setenv (PinkLauncher *self,
                      const char   *variable,
                      const char   *value,
                      gboolean      overwrite)
{
  g_return_if_fail (PINK_IS_LAUNCHER (self));
  g_return_if_fail (variable != NULL && *variable != '\0' && strchr (variable, '=') == NULL);
  g_return_if_fail (value != NULL);

  if (self->environment == NULL)
    self->environment = g_get_environ ();
  self->environment = g_environ_setenv (self->environment, variable, value, overwrite);
}

/**
 * pink_launcher_unsetenv:
 * @self: a launcher
 * @variable: (type filename): the name of a variable, without "="
 *
 * Removes a variable from the environment of programs to be started. The rest
 * of the caller's environment is taken as it is now.
 *
 * Since: 1.0
 */
void
pink_launcher_unsetenv (PinkLauncher *self,
                        const char   *variable)
{
  g_return_if_fail (PINK_IS_LAUNCHER (self));
  g_return_if_fail (variable != NULL && *variable != '\0' && strchr (variable, '=') == NULL);

  if (self->environment == NULL)
    self->environment = g_get_environ ();
  self->environment = g_environ_unsetenv (self->environment, variable);
}

/**
 * pink_launcher_get_working_directory:
 * @self: a launcher
 *
 * Gets the directory that programs are started in.
 *
 * Returns: (nullable) (type filename): the directory, or %NULL for the caller's
 *
 * Since: 1.0
 */
const char *
pink_launcher_get_working_directory (PinkLauncher *self)
{
  g_return_val_if_fail (PINK_IS_LAUNCHER (self), NULL);

  return self->working_directory;
}

/**
 * pink_launcher_set_working_directory:
 * @self: a launcher
 * @directory: (nullable) (type filename): a directory, or %NULL for the caller's
 *
 * Sets the directory that programs are started in. A program that is named by a
 * relative path with a slash is looked for from there.
 *
 * Since: 1.0
 */
void
pink_launcher_set_working_directory (PinkLauncher *self,
                                     const char   *directory)
{
  g_return_if_fail (PINK_IS_LAUNCHER (self));

  if (g_strcmp0 (self->working_directory, directory) == 0)
    return;
  g_free (self->working_directory);
  self->working_directory = g_strdup (directory);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_WORKING_DIRECTORY]);
}

static struct passwd *
look_up (const char     *user,
         struct passwd  *passwd,
         GByteArray     *buffer,
         GError        **error)
{
  g_autofree char *shown = _pink_text_escape_string (user);
  struct passwd *found = NULL;
  int errsv;

  g_byte_array_set_size (buffer, 1024);
  while ((errsv = getpwnam_r (user, passwd, (char *) buffer->data, buffer->len, &found)) == ERANGE &&
         buffer->len < 1024 * 1024)
    g_byte_array_set_size (buffer, 2 * buffer->len);
  if (found == NULL && errsv != 0)
    g_set_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_FAILED,
                 "Cannot look up the user \"%s\": %s", shown, g_strerror (errsv));
  else if (found == NULL)
    g_set_error (error, PINK_TRACER_ERROR, PINK_TRACER_ERROR_INVALID_ARGUMENT,
                 "There is no user \"%s\"", shown);
  return found;
}

static GArray *
groups_of (const struct passwd *passwd)
{
  GArray *groups = g_array_new (FALSE, TRUE, sizeof (gid_t));
  int n = 64;

  for (;;)
    {
      int room = n;

      g_array_set_size (groups, (guint) room);
      if (getgrouplist (passwd->pw_name, passwd->pw_gid, (gid_t *) (gpointer) groups->data, &n) >= 0)
        break;
      if (n <= room)
        n = 2 * room;
    }
  g_array_set_size (groups, (guint) n);
  return groups;
}

/**
 * pink_launcher_set_user:
 * @self: a launcher
 * @user: (nullable): the name of a user, or %NULL for the caller's
 * @error: return location for an error
 *
 * Sets as whom programs are started: with that user's id, group and supplementary
 * groups. Only root can do that, which shows when a program is started, as
 * %PINK_TRACER_ERROR_NOT_PERMITTED. The environment and the directory stay the
 * caller's. It is root who traces them then, so that set-user-ID programs have
 * their privileges.
 *
 * Returns: %TRUE, or %FALSE with %PINK_TRACER_ERROR_INVALID_ARGUMENT if there is
 *   no such user, %PINK_TRACER_ERROR_FAILED if that cannot be found out
 *
 * Since: 1.0
 */
gboolean
pink_launcher_set_user (PinkLauncher  *self,
                        const char    *user,
                        GError       **error)
{
  g_autoptr (GByteArray) buffer = NULL;
  struct passwd passwd, *found;

  g_return_val_if_fail (PINK_IS_LAUNCHER (self), FALSE);
  g_return_val_if_fail (error == NULL || *error == NULL, FALSE);

  if (user == NULL)
    {
      g_clear_pointer (&self->user.groups, g_array_unref);
      return TRUE;
    }
  buffer = g_byte_array_new ();
  found = look_up (user, &passwd, buffer, error);
  if (found == NULL)
    return FALSE;
  g_clear_pointer (&self->user.groups, g_array_unref);
  self->user.uid = found->pw_uid;
  self->user.gid = found->pw_gid;
  self->user.groups = groups_of (found);
  return TRUE;
}

/**
 * pink_launcher_take_fd:
 * @self: a launcher
 * @source_fd: an open descriptor, which the launcher takes over
 * @target_fd: which descriptor it is to be in the programs, 0 or more
 *
 * Gives programs to be started a descriptor: 1 is their standard output, for
 * example. It is closed when the launcher goes, or by pink_launcher_close().
 * One that is not open, and a @target_fd below 0, show when a program is started,
 * with an error.
 *
 * Descriptors that the caller would pass on over an exec are passed on also
 * without this.
 *
 * Since: 1.0
 */
void
pink_launcher_take_fd (PinkLauncher *self,
                       int           source_fd,
                       int           target_fd)
{
  PinkFdMap map = { .source = source_fd, .target = target_fd, .moved = -1 };

  g_return_if_fail (PINK_IS_LAUNCHER (self));

  g_array_append_val (self->fds, map);
}

/**
 * pink_launcher_close:
 * @self: a launcher
 *
 * Closes the descriptors given to pink_launcher_take_fd(). Programs started
 * afterwards do not get them.
 *
 * Since: 1.0
 */
void
pink_launcher_close (PinkLauncher *self)
{
  g_return_if_fail (PINK_IS_LAUNCHER (self));

  for (guint i = 0; i < self->fds->len; i++)
    {
      int fd = g_array_index (self->fds, PinkFdMap, i).source;
      gboolean again = FALSE;

      for (guint j = 0; j < i; j++)
        again |= g_array_index (self->fds, PinkFdMap, j).source == fd;
      if (fd >= 0 && !again)
        close (fd);
    }
  g_array_set_size (self->fds, 0);
}

/**
 * pink_launcher_spawn:
 * @self: a launcher
 * @tracer: the tracer that is to trace the program
 * @argv: (array zero-terminated=1) (element-type filename): the program and its
 *   arguments. A name without a slash is looked for in the directories of PATH.
 * @error: return location for an error
 *
 * Starts a program and traces it: pink_tracer_spawn() has the rest, and the errors.
 *
 * Returns: (transfer none): the tracee, or %NULL with an error
 *
 * Since: 1.0
 */
PinkTracee *
pink_launcher_spawn (PinkLauncher         *self,
                     PinkTracer           *tracer,
                     const char * const   *argv,
                     GError              **error)
{
  PinkSpawnPlan plan = { .argv = argv };

  g_return_val_if_fail (PINK_IS_LAUNCHER (self), NULL);
  g_return_val_if_fail (PINK_IS_TRACER (tracer), NULL);
  g_return_val_if_fail (error == NULL || *error == NULL, NULL);

  plan.envp = (const char * const *) (self->environment != NULL ? self->environment : environ);
  plan.directory = self->working_directory;
  plan.fds = (PinkFdMap *) (gpointer) self->fds->data;
  plan.n_fds = self->fds->len;
  plan.user = self->user.groups != NULL ? &self->user : NULL;
  return _pink_spawn (tracer, &plan, error);
}
