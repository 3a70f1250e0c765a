# One call of each function that settings evaluates, and the corners in which Terraform's differ from cty's.
locals {
  late  = "${local.early}-after" # the order of the locals means nothing
  early = "before"

  can        = [can(local.object.missing), can(local.object.name)]
  coalesce   = [coalesce(null, "", "first"), coalesce(null, 0, 1), coalesce("", 5)]
  concat     = concat(["a"], [1, true])
  contains   = [contains(["a"], "a"), contains(["a"], "b")]
  flatten    = flatten([["a", ["b"]], [], "c"])
  format     = format("%s-%03d-%t-%q-%#v-%.2f", "a", 7, true, "q", [1], 1.5)
  join       = join("-", ["a", "b"], ["c"])
  keys       = keys({ b = 1, a = 2 })
  length     = [length("größe"), length(["a"]), length({ a = 1, b = 2 }), length(toset(["a", "a"])), length("")]
  lookup     = [lookup({ a = "x" }, "a"), lookup({ a = "x" }, "b", "y"), lookup(tomap({ a = "x" }), "b", 3), lookup({}, "b", null)]
  lower      = lower("ÄBC")
  max        = max(1, 3, 2)
  merge      = merge({ a = 1, b = 2 }, null, { b = "three" })
  min        = min(1, 3, 2)
  replace    = [replace("a.b.c", ".", "-"), replace("a1b22", "/[0-9]+/", "#"), replace("abc", "/(b)/", "<$1>"), replace("a/b", "/", "-")]
  split      = split(",", "a,b,")
  substr     = [substr("größe", 2, 2), substr("abc", -2, -1)]
  tobool     = tobool("true")
  tolist     = tolist(toset(["b", "a"]))
  tomap      = tomap({ a = 1, b = "2" })
  tonumber   = tonumber("1.5")
  toset      = toset(["b", "a", "b"])
  tostring   = tostring(30)
  trimprefix = trimprefix("name-app", "name-")
  trimspace  = trimspace(" a \n")
  trimsuffix = trimsuffix("name-app", "-app")
  try        = try(local.object.missing, local.object.name, "never")
  upper      = upper("abc")
  values     = values({ b = 1, a = 2 })

  object      = { name = "poc", "quoted key" = null, (local.early) = true }
  template    = "%{if local.object.name == "poc"}yes%{else}no%{endif} %{for k in ["a", "b"]}${k},%{endfor}"
  heredoc     = <<-EOT
    ${local.early}
      indented
  EOT
  conditional = length(local.early) > 3 ? 30 * 2 + 1 : null
  tuple_for   = [for k, v in { app = 1, client = 2 } : "${k}${v}" if v > 1]
  object_for  = { for app in ["app", "client"] : app => { name = "${local.object.name}-${app}" } }
  grouped     = { for name in ["a1", "b1", "a2"] : substr(name, 0, 1) => name... }
  splat       = [{ id = 1 }, { id = 2 }][*].id
  index       = [local.object["quoted key"], ["a", "b"][1], local.object_for.app.name]
  arithmetic  = [7 % 3, -7 / 2, 1e3, 0.1 + 0.2, !true || false && true, 1 != "1"]
}
