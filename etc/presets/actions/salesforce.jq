# A Salesforce Task.
def cut(n): if length > n then .[0:n - 1] + "…" else . end;
def line: cut(500) | gsub("[\\r\\n]+"; " ");
def named(name): strings | select(. != "") | "\(name): \(.)";
# An id of 15 or 18 characters, whose first three say of which object.
def id(prefixes): strings
  | select(test("^(\(prefixes))[A-Za-z0-9]{12}([A-Za-z0-9]{3})?$"));

# What is said of a storm: many alerts in one.
def one: [
    "\(.response.score)/10",
    (.response.customer | .name // .email // .id // "-" | line),
    (.response.comment | strings | select(. != "") | line)
  ] | join("  ");
def storm:
  {
    Subject: "NPS: \(.storm.count) more alerts",
    Status: "Not Started",
    Priority: "High",
    Description: ([
      (.storm | "\(.count) alerts from \(.from) to \(.until)"),
      "",
      (.storm.first[] | one),
      (.storm | select(.more > 0) | "... and \(.more) more"),
      "",
      (.storm | .links.page // .command),
      "npsd: \(.delivery.id)"
    ] | join("\n") | cut(32000))
  };

if .storm != null then storm else
.response as $r
| ($r.customer // {}) as $customer
| ([$customer.name, $customer.email, $customer.id] | map(strings | select(. != ""))
   | .[0] // "a customer" | line) as $who
| {
    Subject: ("NPS \($r.score)/10 from \($who)" | cut(255)),
    Status: "Not Started",
    Priority: (if .category == "detractor" then "High" else "Normal" end),
    Description: ([
      ($r.comment | strings | select(. != "")) // "(no comment)",
      "",
      "Score: \($r.score)/10 (\(.category))",
      (.previous.score | numbers | "Before: \(.)/10"),
      ($r.survey | named("Survey")),
      ($r.answered_at | named("Answered")),
      ($r.account.name | named("Account")),
      ($customer.email | named("Mail")),
      ($customer.phone | named("Phone")),
      "npsd: \(.delivery.id)"
    ] | join("\n") | cut(32000))
  }
  + ([$customer.id | id("003|00Q")] | if length > 0 then {WhoId: .[0]} else {} end)
  # A lead (00Q) cannot stand beside a WhatId.
  + (if $customer.id // "" | tostring | startswith("00Q") then {}
     else [$r.account.id | id("001|006|500")]
       | if length > 0 then {WhatId: .[0]} else {} end
     end)
end
