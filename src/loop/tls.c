/*
 * tls - certificates for evhttp's connections, by OpenSSL.
 */
#include "loop/tls.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include "base/memory.h"

enum { FILE_LIMIT_BYTES = 1024 * 1024 };

struct tls_context {
	SSL_CTX *ssl;
	int holders;
};

/* The last thing that OpenSSL found wrong, in its words. */
static bool
fail(struct err *err, const char *what, const char *path)
{
	unsigned long code = ERR_peek_last_error();
	const char *reason = code != 0 ? ERR_reason_error_string(code) : NULL;

	/* Its codes of system errors have no text of their own. */
	if (code != 0 && ERR_SYSTEM_ERROR(code))
		reason = strerror(ERR_GET_REASON(code));
	err_set(err, "cannot use the %s %s: %s", what, path,
		reason != NULL ? reason : "it cannot be read");
	ERR_clear_error();
	return false;
}

/* A key with a passphrase would ask for it at the terminal. */
static int
no_passphrase(char *text, int room, int writes, void *context)
{
	(void)text;
	(void)room;
	(void)writes;
	(void)context;
	return -1;
}

/* Only HTTP/1.1 is spoken: whoever offers that hears so. */
static int
choose_protocol(SSL *ssl, const unsigned char **out, unsigned char *length,
	const unsigned char *offered, unsigned int offered_length,
	void *context)
{
	static const unsigned char ours[] = "\x08http/1.1";
	unsigned char *chosen = NULL;

	(void)ssl;
	(void)context;
	if (SSL_select_next_proto(&chosen, length, ours, sizeof ours - 1,
		    offered, offered_length) != OPENSSL_NPN_NEGOTIATED)
		return SSL_TLSEXT_ERR_NOACK;
	*out = chosen;
	return SSL_TLSEXT_ERR_OK;
}

/* A device would be read without end. */
static bool
is_small_file(const char *what, const char *path, struct err *err)
{
	struct stat info;

	if (stat(path, &info) != 0)
		return err_errno(err, "cannot use the %s %s", what, path);
	return (S_ISREG(info.st_mode) && info.st_size <= FILE_LIMIT_BYTES) ||
	       err_set(err, "cannot use the %s %s: it is no small file", what,
		       path);
}

static bool
load(SSL_CTX *ssl, const char *certificate, const char *key, struct err *err)
{
	const X509 *own;

	if (!is_small_file("certificate", certificate, err) ||
		!is_small_file("key", key, err))
		return false;
	if (SSL_CTX_use_certificate_chain_file(ssl, certificate) != 1)
		return fail(err, "certificate", certificate);
	if (SSL_CTX_use_PrivateKey_file(ssl, key, SSL_FILETYPE_PEM) != 1)
		return fail(err, "key", key);
	if (SSL_CTX_check_private_key(ssl) != 1)
		return fail(err, "key", key);
	own = SSL_CTX_get0_certificate(ssl);
	if (X509_cmp_current_time(X509_get0_notAfter(own)) <= 0)
		return err_set(err,
			"cannot use the certificate %s: it has expired",
			certificate);
	return true;
}

struct tls_context *
tls_context_load(const char *certificate, const char *key, struct err *err)
{
	SSL_CTX *ssl = SSL_CTX_new(TLS_server_method());
	struct tls_context *context;

	if (ssl == NULL)
		mem_out();
	ERR_clear_error();
	SSL_CTX_set_min_proto_version(ssl, TLS1_2_VERSION);
	SSL_CTX_set_options(ssl, SSL_OP_NO_RENEGOTIATION |
					 SSL_OP_NO_COMPRESSION |
					 SSL_OP_CIPHER_SERVER_PREFERENCE);
	/* An idle connection keeps no buffers. */
	SSL_CTX_set_mode(ssl, SSL_MODE_RELEASE_BUFFERS);
	SSL_CTX_set_default_passwd_cb(ssl, no_passphrase);
	SSL_CTX_set_alpn_select_cb(ssl, choose_protocol, NULL);
	if (!load(ssl, certificate, key, err)) {
		SSL_CTX_free(ssl);
		return NULL;
	}
	context = mem_new(1, sizeof *context);
	context->ssl = ssl;
	context->holders = 1;
	return context;
}

struct tls_context *
tls_context_share(struct tls_context *context)
{
	if (context != NULL)
		context->holders++;
	return context;
}

void
tls_context_free(struct tls_context *context)
{
	if (context == NULL || --context->holders > 0)
		return;
	SSL_CTX_free(context->ssl);
	free(context);
}

int
tls_context_days_left(const struct tls_context *context)
{
	const X509 *own = SSL_CTX_get0_certificate(context->ssl);
	int days = 0, seconds = 0;

	if (ASN1_TIME_diff(&days, &seconds, NULL, X509_get0_notAfter(own)) != 1)
		return 0;
	return seconds < 0 ? days - 1 : days;
}

struct bufferevent *
tls_accept(const struct tls_context *context, struct event_base *base)
{
	SSL *ssl = SSL_new(context->ssl);
	struct bufferevent *buffer;

	if (ssl == NULL)
		mem_out();
	buffer = bufferevent_openssl_socket_new(base, -1, ssl,
		BUFFEREVENT_SSL_ACCEPTING, BEV_OPT_CLOSE_ON_FREE);
	if (buffer == NULL)
		mem_out();
	/* Where a message ends says HTTP, not the end of the connection. */
	bufferevent_openssl_set_allow_dirty_shutdown(buffer, 1);
	return buffer;
}

bool
tls_is_open(struct bufferevent *buffer)
{
	const SSL *ssl = bufferevent_openssl_get_ssl(buffer);

	return ssl != NULL && SSL_is_init_finished(ssl);
}

void
tls_say_goodbye(struct bufferevent *buffer)
{
	SSL *ssl = bufferevent_openssl_get_ssl(buffer);

	if (ssl == NULL || !SSL_is_init_finished(ssl))
		return;
	SSL_shutdown(ssl);
	ERR_clear_error();
}
