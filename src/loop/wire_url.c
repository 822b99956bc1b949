/* wire_url - a URL taken to pieces by libcurl. */
#include "loop/wire_url.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "loop/idn.h"

static char *
url_part(CURLU *parts, CURLUPart which)
{
	char *part = NULL;
	curl_url_get(parts, which, &part, 0);
	char *copy = mem_strdup(part);
	curl_free(part);
	return copy;
}

static bool
url_has(CURLU *parts, CURLUPart which)
{
	char *part = url_part(parts, which);
	free(part);
	return part != NULL;
}

static bool
take_ascii_host(CURLU *parts, struct err *err)
{
	char *host = url_part(parts, CURLUPART_HOST);
	char *ascii = idn_to_ascii(host, err);
	bool good = ascii != NULL && (strcmp(ascii, host) == 0 ||
					     curl_url_set(parts, CURLUPART_HOST,
						     ascii, 0) == CURLUE_OK);
	if (ascii != NULL && !good)
		err_set(err, "libcurl cannot read the URL's host");
	free(ascii);
	free(host);
	return good;
}

static bool
check_url(CURLU *parts, const char *url, struct err *err)
{
	/* libcurl also takes http:/host and http:///host. */
	const char *slashes = url != NULL ? strstr(url, "://") : NULL;
	CURLUcode code = CURLUE_MALFORMED_INPUT;
	if (slashes != NULL && slashes[3] != '/')
		code = curl_url_set(parts, CURLUPART_URL, url, 0);
	if (code != CURLUE_OK)
		return err_set(err, "not a URL: %s", curl_url_strerror(code));
	if (!url_has(parts, CURLUPART_HOST))
		return err_set(err, "the URL has no host");
	if (url_has(parts, CURLUPART_USER) ||
		url_has(parts, CURLUPART_PASSWORD))
		return err_set(err, "the URL holds a user name or a password");
	return take_ascii_host(parts, err);
}

bool
wire_url_read(const char *url, struct wire_url *out, struct err *err)
{
	CURLU *parts = curl_url();
	if (parts == NULL)
		abort();
	bool good = check_url(parts, url, err);
	if (good) {
		char *host = url_part(parts, CURLUPART_HOST);
		char *port = url_part(parts, CURLUPART_PORT);
		out->scheme = url_part(parts, CURLUPART_SCHEME);
		out->ascii = url_part(parts, CURLUPART_URL);
		out->host = mem_printf(
			"%s%s%s", host, port ? ":" : "", port ? port : "");
		free(host);
		free(port);
	}
	curl_url_cleanup(parts);
	return good;
}

void
wire_url_done(struct wire_url *url)
{
	free(url->scheme);
	free(url->host);
	free(url->ascii);
}
