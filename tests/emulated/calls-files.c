/* SPDX-License-Identifier: LGPL-2.1-or-later
 *
 * Recorded calls about files and terminals; see calls.c.
 */
#include "calls.h"

#include <asm/ioctls.h>
#include <asm/statfs.h>
#include <asm/termbits.h>
#include <linux/fcntl.h>
#include <linux/fs.h>
#include <linux/mount.h>
#include <linux/stat.h>
#include <linux/termios.h>
#include <linux/uio.h>

#ifndef AT_FDCWD
# define AT_FDCWD -100
#endif
#define FOLDER "/tmp/pinktrace-calls"
#define FILE_NAME FOLDER "/file"
#define SIZE 1234567

static int
open_file (void)
{
  clear ();
  syscall (__NR_mkdirat, AT_FDCWD, FOLDER, 0700);
  return CALL (__NR_openat, AT_FDCWD, text (FILE_NAME),
               O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC | O_LARGEFILE, 0640);
}

static void
call_open (void)
{
  clear ();
  CALL (__NR_openat, AT_FDCWD, text (FOLDER), O_DIRECTORY | O_NONBLOCK | O_NOATIME);
  clear ();
  CALL (__NR_openat, AT_FDCWD, text ("/nonexistent"), O_WRONLY | O_APPEND | O_SYNC | O_DIRECT | O_NOCTTY);
  clear ();
  CALL (__NR_openat, AT_FDCWD, text (FOLDER), O_PATH | O_DSYNC | O_EXCL);
  clear ();
  CALL (__NR_mknodat, AT_FDCWD, text (FOLDER "/none/at/all"), 060600, 0x801);
  clear ();
  CALL (__NR_mount, text ("none"), text ("/nonexistent"), text ("tmpfs"),
        MS_RDONLY | MS_NOSUID | MS_NOATIME | MS_SILENT, text ("size=1m"));
}

static void
call_write (int fd)
{
  struct iovec *vector;

  clear ();
  vector = room (2 * sizeof *vector);
  vector[0] = (struct iovec) { text ("first"), 5 };
  vector[1] = (struct iovec) { text ("the second one"), 10 };
  CALL (__NR_writev, fd, vector, 2);
  clear ();
  vector = room (2 * sizeof *vector);
  vector[0] = (struct iovec) { room (4), 4 };
  vector[1] = (struct iovec) { room (8), 8 };
  syscall (__NR_lseek, fd, 0, 0);
  CALL (__NR_readv, fd, vector, 2);
  /* The C library puts offsets into pairs of registers, as an ABI wants them. */
  clear ();
  text ("above");
  mark ();
  pwrite64 (fd, arena, 5, 0x100000002ll);
  clear ();
  mark ();
  ftruncate64 (fd, SIZE);
}

/* With times that are known; of what is not, the least is shown. */
static void
call_stat (int fd)
{
  struct old_timespec *times;

  clear ();
  text (FILE_NAME);
  times = room (2 * sizeof *times);
  times[0] = (struct old_timespec) { 1000000001, 111111111 };
  times[1] = (struct old_timespec) { 1000000002, 222222222 };
  CALL (__NR_utimensat, AT_FDCWD, arena, times, 0);
#ifdef __NR_stat
  clear ();
  CALL (__NR_stat, text (FILE_NAME), room (256));
#endif
#ifdef __NR_fstat
  clear ();
  CALL (__NR_fstat, fd, room (256));
#endif
#ifdef __NR_fstat64
  clear ();
  CALL (__NR_fstat64, fd, room (256));
#endif
#ifdef __NR_newfstatat
  clear ();
  CALL (__NR_newfstatat, AT_FDCWD, text (FILE_NAME), room (256), AT_SYMLINK_NOFOLLOW);
#endif
#ifdef __NR_fstatat64
  clear ();
  CALL (__NR_fstatat64, AT_FDCWD, text (FILE_NAME), room (256), AT_SYMLINK_NOFOLLOW);
#endif
  clear ();
  CALL (__NR_statx, fd, text (""), AT_EMPTY_PATH | AT_STATX_SYNC_AS_STAT, STATX_BASIC_STATS, room (256));
}

static void
call_statfs (int fd)
{
  clear ();
  CALL (__NR_statfs, text ("/proc"), room (128));
#ifdef __NR_statfs64
  clear ();
  CALL (__NR_statfs64, text ("/proc"), sizeof (struct statfs64), room (128));
#endif
  clear ();
  CALL (__NR_fstatfs, fd, room (128));
}

static void
call_fcntl (int fd)
{
  const struct flock lock = { .l_type = F_WRLCK, .l_whence = 1, .l_start = 7, .l_len = 5 };
  const struct f_owner_ex owner = { F_OWNER_PID, 1 };

#ifdef __NR_fcntl
  const long number = __NR_fcntl;
#else
  const long number = __NR_fcntl64;
#endif

  clear ();
  CALL (number, fd, F_SETLK, bytes (&lock, sizeof lock));
  clear ();
  CALL (number, fd, F_GETLK, bytes (&lock, sizeof lock));
#ifdef __NR_fcntl64
  const struct flock64 lock64 = { .l_type = F_RDLCK, .l_start = 0x100000007ll, .l_len = 5 };

  clear ();
  CALL (__NR_fcntl64, fd, F_SETLK64, bytes (&lock64, sizeof lock64));
#endif
  clear ();
  CALL (number, fd, F_GETFL);
  clear ();
  CALL (number, fd, F_SETOWN_EX, bytes (&owner, sizeof owner));
  clear ();
  CALL (number, fd, F_DUPFD_CLOEXEC, 20);
}

static void
call_folder (void)
{
  int fd = syscall (__NR_openat, AT_FDCWD, FOLDER, O_DIRECTORY);

  clear ();
  CALL (__NR_getdents64, fd, room (512), 512);
#ifdef __NR_getdents
  syscall (__NR_lseek, fd, 0, 0);
  clear ();
  CALL (__NR_getdents, fd, room (512), 512);
#endif
  syscall (__NR_close, fd);
}

void
call_files (void)
{
  int fd = open_file ();

  call_open ();
  call_write (fd);
  call_stat (fd);
  call_statfs (fd);
  call_fcntl (fd);
  call_folder ();
  clear ();
  CALL (__NR_unlinkat, AT_FDCWD, text (FOLDER), AT_REMOVEDIR); /* ENOTEMPTY */
  syscall (__NR_unlinkat, AT_FDCWD, FILE_NAME, 0);
  syscall (__NR_close, fd);
}

/* ---- terminals, and other requests of ioctl() ---- */

void
call_terminals (void)
{
  struct termios termios = { .c_iflag = ICRNL | IXON, .c_oflag = OPOST | ONLCR, .c_cflag = CS8 | CREAD | B9600,
                             .c_lflag = ISIG | ICANON | ECHO | IEXTEN };
  const struct winsize size = { 25, 80, 1, 2 };
  const int one = 1;

  termios.c_cc[VINTR] = 3;
  termios.c_cc[VMIN] = 1;
  termios.c_cc[VEOF] = 4;
  clear ();
  CALL (__NR_ioctl, -1, TCSETS, bytes (&termios, sizeof termios));
  clear ();
  CALL (__NR_ioctl, 0, TCGETS, room (64));
  clear ();
  CALL (__NR_ioctl, -1, TIOCSWINSZ, bytes (&size, sizeof size));
  clear ();
  CALL (__NR_ioctl, 0, TIOCGWINSZ, room (8));
  clear ();
  CALL (__NR_ioctl, -1, TIOCGPTN, room (4));
  clear ();
  CALL (__NR_ioctl, -1, FIONBIO, bytes (&one, sizeof one));
  clear ();
  CALL (__NR_ioctl, -1, FS_IOC_GETFLAGS, room (8));
  clear ();
  CALL (__NR_ioctl, -1, BLKGETSIZE64, room (8));
  clear ();
  CALL (__NR_ioctl, -1, _IOC (_IOC_READ | _IOC_WRITE, 'p', 0xee, 12), 5);
}
