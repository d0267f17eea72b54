/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#define PINKTRACE_GLIB_INSIDE

#include <pinktrace-glib/pink-abi.h>
#include <pinktrace-glib/pink-enum-types.h>
#include <pinktrace-glib/pink-error.h>
#include <pinktrace-glib/pink-launcher.h>
#include <pinktrace-glib/pink-rule.h>
#include <pinktrace-glib/pink-signal-event.h>
#include <pinktrace-glib/pink-socket.h>
#include <pinktrace-glib/pink-syscall.h>
#include <pinktrace-glib/pink-syscall-event.h>
#include <pinktrace-glib/pink-syscall-info.h>
#include <pinktrace-glib/pink-syscall-log.h>
#include <pinktrace-glib/pink-tracee.h>
#include <pinktrace-glib/pink-tracer.h>
#include <pinktrace-glib/pink-types.h>
#include <pinktrace-glib/pink-version.h>
#include <pinktrace-glib/pink-version-macros.h>

#undef PINKTRACE_GLIB_INSIDE
