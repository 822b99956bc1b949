/* slow_disk - every sync takes 200 ms; to be preloaded into npsd. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <time.h>

static void
wait_200_ms(void)
{
	struct timespec wait = {0, 200000000};

	nanosleep(&wait, 0);
}

int
fsync(int fd)
{
	wait_200_ms();
	return ((int (*)(int))dlsym(RTLD_NEXT, "fsync"))(fd);
}

int
fdatasync(int fd)
{
	wait_200_ms();
	return ((int (*)(int))dlsym(RTLD_NEXT, "fdatasync"))(fd);
}
