# A Slack message: who gave which score, and what they said. Slack reads <...>
# as commands (<!channel>, links), so that &, < and > are escaped everywhere.
# gsub of jq 1.6 is too slow for long texts: @html, split and join are not.
def cut(n): if length > n then .[0:n - 1] + "…" else . end;
def instead(a; b): split(a) | join(b);
def line: cut(500) | instead("\r"; "") | instead("\n"; " ");
def escaped: @html | instead("&#39;"; "'") | instead("&quot;"; "\"");
# Escaped, and at most n characters long.
def fit(n):
  . as $text | escaped
  | if length > n then $text | cut((n / 5) | floor) | escaped else . end;
# A section takes 3000 characters.
def quote:
  cut(1200) | instead("\r"; "") | fit(1800)
  | split("\n") | map(select(. != "") | "> " + .) | .[0:200] | join("\n");
def section: {type: "section", text: {type: "mrkdwn", text: .}};

# What npsd tells by itself, which is about no answer; null of an answer.
def told:
  if .watch != null then
    .watch
    | ([.survey, .value, .source] | map(strings) | join(", ")) as $what
    | if .recovered then "\($what): it is over (\(.name))"
      elif .kind == "fall" then
        "\($what): NPS fell by \(-.change.points) to \(.now.nps)"
      elif .kind == "below" then
        "\($what): NPS \(.now.nps) is below \(.below)"
      elif .kind == "silence" then "\($what): no answer for \(.silent_for)"
      else "\($what): \(.now.responses) of \(.now.invitations) asked answered"
      end
  elif .storm != null then
    .storm
    | "\(.count) more alert\(if .count == 1 then "" else "s" end)"
      + ([.segments[:3][] | "\(.segment) \(.value) \(.count)"]
         | if length > 0 then " (" + join(", ") + ")" else "" end)
      + ": \(.links.page // .command)"
  elif .failure != null then
    .failure
    | if .recovered then "npsd: action \(.action) delivers again"
      else "npsd: action \(.action) is failing: \(.reason)" end
  else null end;

told as $told
| if $told != null then
    ($told | line | fit(1000)) as $title
    | {text: $title, blocks: ["*\($title)*" | section]}
  else
  .response as $r
  | ([$r.customer.name, $r.account.name] | map(strings | select(. != "") | line)
     | join(", ") | if . == "" then "a customer" else . end) as $who
  | ("\($r.score)/10 from \($who)" | fit(1000)) as $title
  | ([$r.survey, ($r.segment // {} | to_entries[]
       | select(.value | type == "string") | "\(.key) \(.value)")]
     | map(strings) | .[0:20] | join(" · ") | line | fit(1000)) as $context
  | {
      text: $title,
      blocks: [
        ("*\($title)*" | section),
        ($r.comment | strings | quote | select(. != "") | section),
        ($context | select(. != "")
         | {type: "context", elements: [{type: "mrkdwn", text: .}]})
      ]
    }
  end
