/* Preloaded into a run: kills the process at a chosen change of the file system, whoever makes
 * it. Calls below `root` are counted, those inside a scratch folder are not. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char root[PATH_MAX];
static int chosen = -1, side, trace = -1;
static atomic_int passed;

void kill_points_arm(const char *folder, int at, int after, int descriptor) {
    snprintf(root, sizeof root, "%s", folder);
    chosen = at;
    side = after;
    trace = descriptor;
}

static int counted(const char *what, int folder, const char *path) {
    char whole[2 * PATH_MAX], link[64], line[2 * PATH_MAX];
    whole[0] = 0;
    if (trace < 0) return -1;
    if (folder != AT_FDCWD && (!path || path[0] != '/')) {
        snprintf(link, sizeof link, "/proc/self/fd/%d", folder);
        ssize_t size = readlink(link, whole, PATH_MAX - 1);
        whole[size < 0 ? 0 : size] = 0;
        if (path) strcat(whole, "/");
    }
    if (path) strncat(whole, path, PATH_MAX);
    if (strncmp(whole, root, strlen(root))) return -1;
    const char *scratch = strstr(whole, "/_scratch-");
    if (scratch && strchr(scratch + 1, '/')) return -1;
    int number = atomic_fetch_add(&passed, 1);
    int size = snprintf(line, sizeof line, "%s %s\n", what, whole + strlen(root));
    if (write(trace, line, size) < 0) _exit(99);
    if (number == chosen && !side) kill(getpid(), SIGKILL);
    return number;
}

static int done(int number, int result) {
    if (number >= 0 && number == chosen && side) kill(getpid(), SIGKILL);
    return result;
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

/* One function that counts, then calls the real one: in this order. */
#define CHANGES(name, what, folder, path, arguments, declared) \
    int name declared {                                        \
        int number = counted(what, folder, path);              \
        return done(number, REAL(name) arguments);             \
    }

#define HERE AT_FDCWD
CHANGES(rename, "rename", HERE, b, (a, b), (const char *a, const char *b))
CHANGES(renameat, "rename", g, b, (f, a, g, b), (int f, const char *a, int g, const char *b))
CHANGES(renameat2, "rename", g, b, (f, a, g, b, flags),
        (int f, const char *a, int g, const char *b, unsigned flags))
CHANGES(link, "link", HERE, b, (a, b), (const char *a, const char *b))
CHANGES(linkat, "link", g, b, (f, a, g, b, flags),
        (int f, const char *a, int g, const char *b, int flags))
CHANGES(unlink, "unlink", HERE, a, (a), (const char *a))
CHANGES(unlinkat, "unlink", f, a, (f, a, flags), (int f, const char *a, int flags))
CHANGES(rmdir, "rmdir", HERE, a, (a), (const char *a))
CHANGES(fsync, "fsync", f, NULL, (f), (int f))
CHANGES(fdatasync, "fsync", f, NULL, (f), (int f))

int mkdir(const char *a, mode_t mode) {
    int number = access(a, F_OK) ? counted("mkdir", HERE, a) : -1;
    return done(number, REAL(mkdir)(a, mode));
}

#define OPENS(name, folder, arguments, declared)                          \
    int name declared {                                                   \
        mode_t mode = 0;                                                  \
        if (flags & (O_CREAT | __O_TMPFILE)) {                            \
            va_list rest;                                                 \
            va_start(rest, flags);                                        \
            mode = va_arg(rest, mode_t);                                  \
            va_end(rest);                                                 \
        }                                                                 \
        int number = flags & O_CREAT ? counted("create", folder, a) : -1; \
        return done(number, REAL(name) arguments);                        \
    }

OPENS(open, AT_FDCWD, (a, flags, mode), (const char *a, int flags, ...))
OPENS(open64, AT_FDCWD, (a, flags, mode), (const char *a, int flags, ...))
OPENS(openat, f, (f, a, flags, mode), (int f, const char *a, int flags, ...))
OPENS(openat64, f, (f, a, flags, mode), (int f, const char *a, int flags, ...))
