/*
 * scaled - as much work as this build can do in the same time. Sanitizers make
 * the same code several times slower, and see in a quarter of the turns what
 * they would see in all; that they all come out right is for the plain build.
 */
#ifndef NPSD_TESTS_SCALED_H
#define NPSD_TESTS_SCALED_H

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SCALED(count) ((count) / 4)
#else
#define SCALED(count) (count)
#endif

#endif
