/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "pinktrace-glib.h"

/**
 * SECTION:pink-error
 * @title: Errors
 * @short_description: what can go wrong
 *
 * Every error message names the cause and, where there is one, the way out. It is
 * for people: programs look at domain and code.
 *
 * A program that cannot be started gives an error of #GIOErrorEnum, whatever has
 * to do with tracing one of #PinkTracerError.
 */

/**
 * PINK_TRACER_ERROR:
 *
 * The error domain of the library, with the codes of #PinkTracerError.
 *
 * Since: 1.0
 */
G_DEFINE_QUARK (pink-tracer-error-quark, pink_tracer_error)
