/* idn - names of hosts in ASCII. */
#include "loop/idn.h"

#include <idn2.h>

#include "base/memory.h"

bool
idn_is_needed(const char *text)
{
	for (; *text != '\0'; text++)
		if ((unsigned char)*text >= 0x80)
			return true;
	return false;
}

/* What the mapping makes of the name may hold a "/" that was a full-width one. */
static bool
is_host(const char *ascii)
{
	return ascii[strspn(ascii, "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				   "abcdefghijklmnopqrstuvwxyz"
				   "0123456789-_.")] == '\0';
}

/* As browsers do: mapped by UTS 46 first, so that capitals and full-width
 * letters are one with the others, and not transitional, so that "ß" stays.
 * IDN2_USE_STD3_ASCII_RULES is of no use: 2.3 drops an underscore in silence. */
char *
idn_to_ascii(const char *name, struct err *err)
{
	char *ascii = NULL, *copy;
	int code;

	if (!idn_is_needed(name))
		return mem_strdup(name);
	code = idn2_to_ascii_8z(
		name, &ascii, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
	if (code != IDN2_OK) {
		err_set(err, "it is no name of a host: %s",
			idn2_strerror(code));
		return NULL;
	}
	copy = is_host(ascii) ? mem_strdup(ascii) : NULL;
	idn2_free(ascii);
	if (copy == NULL)
		err_set(err, "it has a character that no name of a host has");
	return copy;
}
