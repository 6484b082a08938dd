/* Loaded before the C library: one of the calls that change files fails as on a full disk, or ends the process. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

static int done, at, fails;

void fault_arm(int number, int fail) { done = 0; at = number; fails = fail; }
int fault_count(void) { return done; }

static int is_file(int fd) { struct stat s; return fd > 2 && fstat(fd, &s) == 0 && (S_ISREG(s.st_mode) || S_ISDIR(s.st_mode)); }

/* Returns whether the call has to fail. */
static int step(void) {
  if (++done != at) return 0;
  if (!fails) _exit(9);
  errno = ENOSPC;
  return 1;
}

#define REAL(type, name, ...) static type (*real)(__VA_ARGS__); if (!real) real = dlsym(RTLD_NEXT, #name)

ssize_t write(int fd, const void *data, size_t size) {
  REAL(ssize_t, write, int, const void *, size_t);
  if (is_file(fd)) {
    if (done + 1 == at && !fails) (void)!real(fd, data, size / 2); /* torn: half of it is there */
    if (step()) return -1;
  }
  return real(fd, data, size);
}
#define PWRITE(name) ssize_t name(int fd, const void *data, size_t size, off_t place) { \
  REAL(ssize_t, name, int, const void *, size_t, off_t); \
  if (is_file(fd)) { \
    if (done + 1 == at && !fails) (void)!real(fd, data, size / 2, place); \
    if (step()) return -1; \
  } \
  return real(fd, data, size, place); }
PWRITE(pwrite)
PWRITE(pwrite64)
int fsync(int fd) { REAL(int, fsync, int); return step() ? -1 : real(fd); }
int fdatasync(int fd) { REAL(int, fdatasync, int); return step() ? -1 : real(fd); }
int ftruncate(int fd, off_t size) { REAL(int, ftruncate, int, off_t); return step() ? -1 : real(fd, size); }
int ftruncate64(int fd, off_t size) { REAL(int, ftruncate64, int, off_t); return step() ? -1 : real(fd, size); }
int rename(const char *from, const char *to) { REAL(int, rename, const char *, const char *); return step() ? -1 : real(from, to); }
int unlink(const char *path) { REAL(int, unlink, const char *); return step() ? -1 : real(path); }
