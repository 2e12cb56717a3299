/*
 * Who may do what by certificate: mutual TLS as the alternative to tokens. The TLS layer says
 * whether the certificate is to be trusted; here the configuration says whose it is.
 */
#ifndef NORTHBOUND_AUTH_CERTIFICATE_H
#define NORTHBOUND_AUTH_CERTIFICATE_H

#include "northbound/auth/auth.h"
#include "pce/service/config.h"

struct x509_st;

/*
 * The client of the configuration whose certificate this is, the first that fits; out->name belongs
 * to the configuration. fault: why the certificate is not to be trusted, or NULL. PCE_DENIED says
 * in one sentence what is wrong and whose certificate it is. Names with a NUL inside never fit.
 */
enum pce_status auth_check_certificate(const struct config_api *config, struct x509_st *certificate,
				       const char *fault, struct auth_bearer *out,
				       struct pce_error *err);

#endif
