/* Preloaded into a server: lets fsync and fdatasync of files whose path contains $SYNC_FAULT_PATH take the
 * milliseconds that the file $SYNC_FAULT_CONTROL holds, or fail if that holds "fail". */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static int is_meant(int fd) {
    char link[64], path[4096];
    const char *part = getenv("SYNC_FAULT_PATH");
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0 || !part) return 0;
    path[length] = 0;
    return strstr(path, part) != NULL;
}

/* Waits; says whether it is to fail. */
static int fault(int fd) {
    char word[32] = "";
    const char *control = getenv("SYNC_FAULT_CONTROL");
    FILE *file = control && is_meant(fd) ? fopen(control, "re") : NULL;
    if (!file) return 0;
    if (!fgets(word, sizeof word, file)) word[0] = 0;
    fclose(file);
    if (strncmp(word, "fail", 4) == 0) return 1;
    long ms = strtol(word, NULL, 10);
    struct timespec wait = {ms / 1000, ms % 1000 * 1000000};
    if (ms > 0) nanosleep(&wait, NULL);
    return 0;
}

static int sync_as(const char *name, int fd) {
    if (fault(fd)) {
        errno = EIO;
        return -1;
    }
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
    return real(fd);
}

int fsync(int fd) { return sync_as("fsync", fd); }
int fdatasync(int fd) { return sync_as("fdatasync", fd); }
