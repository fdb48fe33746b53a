/* Lets a chosen call that changes a file system fail, or be the last of its process.
 *
 *     cc -shared -fPIC -o shim.so shim.c
 *     LD_PRELOAD=./shim.so CLAIMSTREAM_FAULT=abort CLAIMSTREAM_FAULT_AT=7 claimstream ...
 *
 * Counted are, over all threads, calls that write, truncate or sync a regular file, sync a
 * folder, open a file that may be made by it, or rename or remove what is there. Standard
 * output and error, pipes and devices are not counted, and neither is what the C library
 * calls inside itself or a program asks of the kernel without it.
 *
 * CLAIMSTREAM_FAULT_LOG=FILE  adds a line for each counted call: its name and its target
 * CLAIMSTREAM_FAULT_AT=K      the call, from 1, to which happens what CLAIMSTREAM_FAULT says:
 *   fail   it does nothing and fails: a full disk; for a sync, rename or removal a bad one
 *   full   it fails as above, and so does whatever wants space from then on
 *   abort  the process ends before it
 *   torn   the process ends after half of a write; after any other call
 *   folders  from then on no folder can be synced
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

/* What a shell tells of a process that was killed. */
#define KILLED 137

enum fate { GOES_ON, FAILS, DIES_BEFORE, DIES_AFTER };

/* What a call wants: space may be wanting; the rest fails as a bad disk does. */
enum kind { SPACE, DISK, FOLDER };

static atomic_long counted;

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static void note(const char *name, int fd, const char *path) {
    const char *log = getenv("CLAIMSTREAM_FAULT_LOG");
    if (log == NULL)
        return;
    char link[64], target[4096] = "", line[4300];
    if (path == NULL) {
        snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
        ssize_t length = readlink(link, target, sizeof target - 1);
        target[length < 0 ? 0 : length] = '\0';
        path = target;
    }
    int length = snprintf(line, sizeof line, "%s %s\n", name, path);
    /* System calls themselves, which are not counted. */
    int out = (int)syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_APPEND | O_CREAT, 0600);
    if (out < 0)
        return;
    syscall(SYS_write, out, line, (size_t)length);
    syscall(SYS_close, out);
}

/* Counts a call and says what becomes of it. */
static enum fate count(const char *name, enum kind kind, int fd, const char *path) {
    int before = errno;
    note(name, fd, path);
    errno = before;
    long ordinal = atomic_fetch_add(&counted, 1) + 1;
    const char *at = getenv("CLAIMSTREAM_FAULT_AT"), *fault = getenv("CLAIMSTREAM_FAULT");
    if (at == NULL || fault == NULL)
        return GOES_ON;
    long chosen = atol(at);
    int is_it = ordinal == chosen;
    if (strcmp(fault, "full") == 0 && ordinal > chosen)
        is_it = kind == SPACE;
    if (strcmp(fault, "folders") == 0)
        is_it = kind == FOLDER && ordinal >= chosen;
    if (!is_it)
        return GOES_ON;
    if (strcmp(fault, "abort") == 0)
        return DIES_BEFORE;
    if (strcmp(fault, "torn") == 0)
        return DIES_AFTER;
    errno = kind == SPACE ? ENOSPC : strcmp(fault, "folders") == 0 ? EINVAL : EIO;
    return FAILS;
}

static int is_counted(int fd) {
    struct stat about;
    int before = errno;
    int known = fd > STDERR_FILENO && fstat(fd, &about) == 0;
    errno = before;
    return known && (S_ISREG(about.st_mode) || S_ISDIR(about.st_mode));
}

static int is_there(int folder, const char *path) {
    struct stat about;
    int before = errno;
    int known = fstatat(folder, path, &about, AT_SYMLINK_NOFOLLOW) == 0;
    errno = before;
    return known;
}

static enum kind kind_of(int fd) {
    struct stat about;
    return fstat(fd, &about) == 0 && S_ISDIR(about.st_mode) ? FOLDER : DISK;
}

/* The calls: `half` is what a torn one does, `whole` what it does otherwise. */
#define CALL(name, kind, fd, path, half, whole)                                                    \
    switch (count(name, kind, fd, path)) {                                                         \
    case FAILS:                                                                                    \
        return -1;                                                                                 \
    case DIES_BEFORE:                                                                              \
        _exit(KILLED);                                                                             \
    case DIES_AFTER:                                                                               \
        (void)!(half);                                                                             \
        _exit(KILLED);                                                                             \
    default:                                                                                       \
        return (whole);                                                                            \
    }

#define FILE_CALL(name, kind, fd, half, whole)                                                     \
    if (!is_counted(fd))                                                                           \
        return (whole);                                                                            \
    CALL(name, kind, fd, NULL, half, whole)

#define PATH_CALL(name, kind, folder, path, whole)                                                 \
    if (!is_there(folder, path))                                                                   \
        return (whole);                                                                            \
    CALL(name, kind, -1, path, whole, whole)

ssize_t write(int fd, const void *bytes, size_t size) {
    FILE_CALL("write", SPACE, fd, REAL(write)(fd, bytes, size / 2), REAL(write)(fd, bytes, size))
}

/* Of a list of pieces the first half of the first. */
ssize_t writev(int fd, const struct iovec *pieces, int pieces_count) {
    FILE_CALL("writev", SPACE, fd, REAL(write)(fd, pieces->iov_base, pieces->iov_len / 2),
              REAL(writev)(fd, pieces, pieces_count))
}

ssize_t pwrite(int fd, const void *bytes, size_t size, off_t offset) {
    FILE_CALL("pwrite", SPACE, fd, REAL(pwrite)(fd, bytes, size / 2, offset),
              REAL(pwrite)(fd, bytes, size, offset))
}

ssize_t pwrite64(int fd, const void *bytes, size_t size, off64_t offset) {
    FILE_CALL("pwrite64", SPACE, fd, REAL(pwrite64)(fd, bytes, size / 2, offset),
              REAL(pwrite64)(fd, bytes, size, offset))
}

int fsync(int fd) { FILE_CALL("fsync", kind_of(fd), fd, REAL(fsync)(fd), REAL(fsync)(fd)) }

int fdatasync(int fd) {
    FILE_CALL("fdatasync", kind_of(fd), fd, REAL(fdatasync)(fd), REAL(fdatasync)(fd))
}

int ftruncate(int fd, off_t size) {
    FILE_CALL("ftruncate", DISK, fd, REAL(ftruncate)(fd, size), REAL(ftruncate)(fd, size))
}

int ftruncate64(int fd, off64_t size) {
    FILE_CALL("ftruncate64", DISK, fd, REAL(ftruncate64)(fd, size), REAL(ftruncate64)(fd, size))
}

int rename(const char *from, const char *to) {
    PATH_CALL("rename", DISK, AT_FDCWD, from, REAL(rename)(from, to))
}

int renameat(int from_folder, const char *from, int to_folder, const char *to) {
    PATH_CALL("renameat", DISK, from_folder, from,
              REAL(renameat)(from_folder, from, to_folder, to))
}

int renameat2(int from_folder, const char *from, int to_folder, const char *to, unsigned flags) {
    PATH_CALL("renameat2", DISK, from_folder, from,
              REAL(renameat2)(from_folder, from, to_folder, to, flags))
}

int unlink(const char *path) { PATH_CALL("unlink", DISK, AT_FDCWD, path, REAL(unlink)(path)) }

int unlinkat(int folder, const char *path, int flags) {
    PATH_CALL("unlinkat", DISK, folder, path, REAL(unlinkat)(folder, path, flags))
}

/* A file that is made: what opens one that must be there is not counted. */
#define OPEN_CALL(name, whole)                                                                     \
    mode_t mode = 0;                                                                               \
    if ((flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE) {                              \
        va_list more;                                                                              \
        va_start(more, flags);                                                                     \
        mode = va_arg(more, mode_t);                                                               \
        va_end(more);                                                                              \
    }                                                                                              \
    if ((flags & O_CREAT) == 0)                                                                    \
        return (whole);                                                                            \
    CALL(name, SPACE, -1, path, whole, whole)

int open(const char *path, int flags, ...) { OPEN_CALL("open", REAL(open)(path, flags, mode)) }

int open64(const char *path, int flags, ...) {
    OPEN_CALL("open64", REAL(open64)(path, flags, mode))
}
