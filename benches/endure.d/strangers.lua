-- Every request has an id that no server gave: letters, key and proof by chance.
local characters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"
local fronts = { "abc", "acb", "bac", "bca", "cab", "cba" }
local threads = {}

function setup(thread)
  thread:set("number", #threads + 1)
  table.insert(threads, thread)
end

function init(args)
  math.randomseed(tonumber(args[1] or "0") * 1000 + number)
  seen = {}
  for _, status in ipairs({ 200, 404, 503 }) do seen[status] = 0 end
  other = 0
end

function request()
  local id = { fronts[math.random(#fronts)] }
  for place = 2, 24 do
    local one = math.random(#characters)
    id[place] = characters:sub(one, one)
  end
  return wrk.format("GET", "/session", { ["Host"] = wrk.headers["Host"],
                                         ["Cookie"] = "JSESSIONID=" .. table.concat(id) })
end

function response(status)
  if seen[status] then seen[status] = seen[status] + 1 else other = other + 1 end
  good, none, perhaps = seen[200], seen[404], seen[503]
end

function done(summary, latency)
  local function sum(name)
    local all = 0
    for _, thread in ipairs(threads) do all = all + (thread:get(name) or 0) end
    return all
  end
  local e = summary.errors
  io.write(string.format(
    'RESULT {"requests":%d,"microseconds":%d,"failed":%d,"200":%d,"404":%d,"503":%d,"other":%d,' ..
    '"p50":%d,"longest":%d}\n',
    summary.requests, summary.duration, e.connect + e.read + e.write + e.timeout, sum("good"),
    sum("none"), sum("perhaps"), sum("other"), latency:percentile(50), latency.max))
end
