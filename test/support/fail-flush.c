/*
 * Preloaded into a server: while the file named by FAIL_FLUSH exists, the next flush of a log segment fails
 * with EIO, as that of a broken disk does, and the file is removed.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int is_segment(int fd) {
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  return length > 4 && memcmp(path + length - 4, ".seg", 4) == 0;
}

int fdatasync(int fd) {
  static int (*real)(int);
  const char *trigger = getenv("FAIL_FLUSH");
  if (!real) real = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
  if (trigger && is_segment(fd) && unlink(trigger) == 0) {
    errno = EIO;
    return -1;
  }
  return real(fd);
}
