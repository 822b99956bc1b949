dnl Checks of npsd's own; configure.ac calls each once.

# NPSD_CHECK_LIBEVENT
# -------------------
# Debian's 2.1.12-stable-8+deb12u1 mended eight security holes of 2.1.12. Only
# the mended library exports the check of the transfer encoding.
AC_DEFUN([NPSD_CHECK_LIBEVENT], [
AC_ARG_ENABLE([unfixed-libevent],
	[AS_HELP_STRING([--enable-unfixed-libevent],
		[accept a libevent 2.1 without its security fixes])])
AS_IF([$PKG_CONFIG --atleast-version=2.2 libevent_core], [],
      [test "x$enable_unfixed_libevent" = xyes], [],
	[AC_CHECK_LIB([event_extra], [evhttp_check_transfer_encoding_], [],
		[AC_MSG_ERROR([this libevent lacks the security fixes of
2.1.12-stable-8+deb12u1; upgrade it (apt-get install libevent-dev from
bookworm-security) or say --enable-unfixed-libevent])],
		[-levent_core])])
])

# NPSD_WARNINGS
# -------------
# WARN_CFLAGS for every file; STRICT_CFLAGS beside them for src/ alone, since
# the macros of the test framework convert freely.
AC_DEFUN([NPSD_WARNINGS], [
AC_ARG_ENABLE([werror],
	[AS_HELP_STRING([--enable-werror], [make warnings errors])])
AX_APPEND_COMPILE_FLAGS([-std=c11 -Wall -Wextra -Wshadow dnl
-Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition dnl
-Wformat=2 -Wundef -Wpointer-arith -Wcast-qual -Wwrite-strings -Wvla dnl
-Wswitch-enum -Wimplicit-fallthrough -Wimplicit-fallthrough=5],
	[WARN_CFLAGS], [-Werror])
AX_APPEND_COMPILE_FLAGS([-Wconversion], [STRICT_CFLAGS], [-Werror])
AS_IF([test "x$enable_werror" = xyes], [WARN_CFLAGS="$WARN_CFLAGS -Werror"])
AC_SUBST([WARN_CFLAGS])
AC_SUBST([STRICT_CFLAGS])
])

# NPSD_SANITIZERS
# ---------------
AC_DEFUN([NPSD_SANITIZERS], [
AC_ARG_ENABLE([sanitizers],
	[AS_HELP_STRING([--enable-sanitizers=LIST],
		[address,undefined or thread])],
	[], [enable_sanitizers=no])
AS_IF([test "x$enable_sanitizers" = xyes],
	[enable_sanitizers=address,undefined])
AS_IF([test "x$enable_sanitizers" != xno],
	[SANITIZER_CFLAGS="-fsanitize=$enable_sanitizers dnl
-fno-omit-frame-pointer -fno-sanitize-recover=all"
	AX_CHECK_LINK_FLAG([-fsanitize=$enable_sanitizers], [],
		[AC_MSG_ERROR([the compiler cannot link sanitizers: dnl
$enable_sanitizers])])])
AC_SUBST([SANITIZER_CFLAGS])
AC_SUBST([SANITIZERS], [$enable_sanitizers])
])

# NPSD_HARDENING
# --------------
# Fortification needs an optimizing compiler, and hides reads and writes from
# the sanitizers.
AC_DEFUN([NPSD_HARDENING], [
AX_APPEND_COMPILE_FLAGS([-fPIE -fstack-protector-strong dnl
-fstack-clash-protection -fcf-protection],
	[HARDEN_CFLAGS], [-Werror])
AS_CASE([x$enable_sanitizers:$CFLAGS],
	[xno:*-O@<:@123sgz@:>@*], [AX_APPEND_COMPILE_FLAGS(
		[-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3], [HARDEN_CFLAGS])])
AX_APPEND_LINK_FLAGS([-pie -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack dnl
-Wl,--as-needed], [HARDEN_LDFLAGS])
AC_SUBST([HARDEN_CFLAGS])
AC_SUBST([HARDEN_LDFLAGS])
])

# NPSD_SYSTEMD_DIRS
# -----------------
# systemd's own folders for the prefix /usr; under any other prefix what lies
# below it (systemd reads /usr/local/lib as well). Each can be set by hand:
# ./configure systemdsystemunitdir=DIR.
AC_DEFUN([NPSD_SYSTEMD_DIRS], [
AS_IF([test "x$prefix" = x/usr], [
	PKG_CHECK_VAR([systemdsystemunitdir], [systemd],
		[systemdsystemunitdir])
	PKG_CHECK_VAR([sysusersdir], [systemd], [sysusersdir])
	PKG_CHECK_VAR([tmpfilesdir], [systemd], [tmpfilesdir])])
AS_VAR_SET_IF([systemdsystemunitdir], [],
	[systemdsystemunitdir='${prefix}/lib/systemd/system'])
AS_VAR_SET_IF([sysusersdir], [], [sysusersdir='${prefix}/lib/sysusers.d'])
AS_VAR_SET_IF([tmpfilesdir], [], [tmpfilesdir='${prefix}/lib/tmpfiles.d'])
AC_SUBST([systemdsystemunitdir])
AC_SUBST([sysusersdir])
AC_SUBST([tmpfilesdir])
])
