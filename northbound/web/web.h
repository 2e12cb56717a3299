/* The operators' page, as it is in the program: index.html and what it needs. embed.sh turns the
 * files of this folder into these arrays when Karst is built. */
#ifndef NORTHBOUND_WEB_WEB_H
#define NORTHBOUND_WEB_WEB_H

#include <stddef.h>

extern const unsigned char web_index_html[], web_app_js[], web_app_css[];
extern const size_t web_index_html_len, web_app_js_len, web_app_css_len;

#endif
