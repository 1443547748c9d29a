-- Each thread has one connection and one session: that of its first answer. The session's counter
-- must grow by one with each answer. One line of JSON at the end says what each thread saw.
local threads = {}

function setup(thread)
  table.insert(threads, thread)
end

function init(args)
  pause = tonumber(args[1] or "0")
  home, last = "", 0
  answers, bad, elsewhere, jumps = 0, 0, 0, 0
  first_bad = ""
  plain = wrk.format("GET", "/counter")
end

function delay()
  return pause
end

function request()
  return bound or plain
end

local function cookie_of(headers)
  for name, value in pairs(headers) do
    if name:lower() == "set-cookie" then return value:match("^[^;]+") end
  end
end

function response(status, headers, body)
  answers = answers + 1
  if status ~= 200 then
    bad = bad + 1
    if first_bad == "" then first_bad = status .. " after " .. answers .. " answers" end
    return
  end
  local server = body:match('"server":"([^"]*)"')
  local count = tonumber(body:match('"count":(%d+)'))
  if not bound then
    home, last = server, count
    bound = wrk.format("GET", "/counter", { ["Host"] = wrk.headers["Host"],
                                            ["Cookie"] = cookie_of(headers) })
  elseif server ~= home then
    elsewhere = elsewhere + 1
  else
    if count ~= last + 1 then jumps = jumps + 1 end
    last = count
  end
end

function done(summary, latency)
  local seen = {}
  for _, thread in ipairs(threads) do
    table.insert(seen, string.format(
      '{"home":"%s","answers":%d,"bad":%d,"elsewhere":%d,"jumps":%d,"first_bad":"%s"}',
      thread:get("home"), thread:get("answers"), thread:get("bad"), thread:get("elsewhere"),
      thread:get("jumps"), thread:get("first_bad")))
  end
  local e = summary.errors
  io.write(string.format(
    'RESULT {"requests":%d,"microseconds":%d,"connect":%d,"read":%d,"write":%d,"timeout":%d,' ..
    '"p50":%d,"p99":%d,"longest":%d,"threads":[%s]}\n',
    summary.requests, summary.duration, e.connect, e.read, e.write, e.timeout,
    latency:percentile(50), latency:percentile(99), latency.max, table.concat(seen, ",")))
end
