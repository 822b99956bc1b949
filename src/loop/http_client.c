/*
 * http_client - who asks: the peer of the connection, or whom a trusted proxy
 * asks for.
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "base/text.h"
#include "loop/address_policy.h"
#include "loop/http_private.h"

const char *
http_request_peer(const struct http_request *request)
{
	static const char mapped[] = "::ffff:";
	if (request->is_unix)
		return "unix";
	const char *host = request->evhttp->remote_host;
	if (strncmp(host, mapped, sizeof mapped - 1) == 0 &&
		strchr(host, '.') != NULL)
		return host + sizeof mapped - 1;
	return host;
}

bool
http_request_peer_is_loopback(const struct http_request *request)
{
	const char *peer = http_request_peer(request);
	return strncmp(peer, "127.", 4) == 0 || strcmp(peer, "::1") == 0;
}

/* ---- X-Forwarded-For ---- */

/* Several headers are one list. */
static void
join_forwarded(const char *name, const char *value, void *context)
{
	struct buf *list = context;

	if (strcasecmp(name, "X-Forwarded-For") != 0)
		return;
	if (list->length > 0)
		buf_append_char(list, ',');
	buf_append_text(list, value);
}

/* "192.0.2.1", "192.0.2.1:80", "2001:db8::1", "[2001:db8::1]:80". */
static bool
read_address(struct text text, char out[INET6_ADDRSTRLEN])
{
	const char *colon = memchr(text.data, ':', text.length);
	uint8_t bytes[ADDRESS_BYTES];

	if (text.length > 0 && text.data[0] == '[') {
		const char *end = memchr(text.data, ']', text.length);

		if (end == NULL)
			return false;
		text.data++;
		text.length = (size_t)(end - text.data);
	} else if (colon != NULL && memchr(colon + 1, ':',
					    (size_t)(text.data + text.length -
						     colon - 1)) == NULL) {
		text.length = (size_t)(colon - text.data);
	}
	if (text.length >= INET6_ADDRSTRLEN)
		return false;
	memcpy(out, text.data, text.length);
	out[text.length] = '\0';
	return inet_pton(AF_INET, out, bytes) == 1 ||
	       inet_pton(AF_INET6, out, bytes) == 1;
}

/* Each proxy adds at the end whom it heard; what stands before the first that is
 * no proxy of ours anybody may have written. */
static void
find_client(const struct http_request *request, const struct buf *list,
	char client[INET6_ADDRSTRLEN])
{
	size_t end = list->length;

	for (;;) {
		size_t start = end;
		char address[INET6_ADDRSTRLEN];

		while (start > 0 && list->data[start - 1] != ',')
			start--;
		if (!read_address(text_trim((struct text){
					  list->data + start, end - start}),
			    address))
			return;
		memcpy(client, address, INET6_ADDRSTRLEN);
		if (start == 0 || !http_is_trusted(request->server, address))
			return;
		end = start - 1;
	}
}

const char *
http_request_client(const struct http_request *request)
{
	union {
		const struct http_request *in;
		struct http_request *out;
	} cast = {.in = request}; /* it is kept in what is ours */
	char *client = cast.out->client;
	struct buf list = {0};

	if (client[0] != '\0')
		return client;
	snprintf(client, INET6_ADDRSTRLEN, "%s", http_request_peer(request));
	if (request->is_unix || !http_is_trusted(request->server, client))
		return client;
	http_request_each_header(request, join_forwarded, &list);
	if (list.length > 0)
		find_client(request, &list, client);
	buf_done(&list);
	return client;
}
