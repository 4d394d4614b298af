# The configuration of docs/operations/cdn.md, as `npm run bench -- --only cache --cache varnish` runs it: @…@ is filled in.
vcl 4.1;

backend default { .host = "@host@"; .port = "@port@"; }

sub vcl_recv {
  # What everybody reads: one question a second to the service, however many ask.
  if (req.method == "GET" && req.url ~ "^/api/queues/[^/?]+\?pk=") { unset req.http.Cookie; return (hash); }
  # Events near the turn pass as they come: Varnish streams what it does not keep.
  if (req.url ~ "^/api/") { return (pass); }
}

sub vcl_backend_response {
  if (bereq.url ~ "^/api/queues/[^/?]+\?pk=" && beresp.status == 200) {
    unset beresp.http.Vary;
    set beresp.ttl = 1s;
    set beresp.grace = 60s;
    set beresp.keep = 60s;
  }
}
