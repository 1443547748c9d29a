-- Alternates between a session of origin a and one of origin b; prints one line of JSON at the end.
local ids = { "abaX8ZwooOzQd0123456789abc", "babX8ZwooOzQd0123456789abc" }
local requests = {}
local turn = 0

function init(args)
  for number, id in ipairs(ids) do
    wrk.headers["Cookie"] = "theme=dark; JSESSIONID=" .. id
    wrk.headers["User-Agent"] = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
    wrk.headers["Accept"] = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
    wrk.headers["Accept-Language"] = "en-GB,en;q=0.5"
    wrk.headers["Accept-Encoding"] = "gzip, deflate"
    requests[number] = wrk.format()
  end
end

function request()
  turn = turn % #requests + 1
  return requests[turn]
end

function done(summary, latency, per_thread)
  local errors = summary.errors
  io.write(string.format(
    "RESULT {\"requests\":%d,\"microseconds\":%d,\"bytes\":%d,\"bad\":%d,\"p50\":%d,\"p99\":%d}\n",
    summary.requests, summary.duration, summary.bytes,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout,
    latency:percentile(50), latency:percentile(99)))
end
