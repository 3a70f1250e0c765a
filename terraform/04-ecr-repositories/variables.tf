variable "environment" {
  type        = string
  description = "Environment of locals.tf to work on; empty for the default one. The state must be its own, too."
  default     = ""
  nullable    = false

  validation {
    condition     = contains(concat([""], keys(local.environments)), var.environment)
    error_message = "There is no environment ${var.environment}: want one of ${join(", ", keys(local.environments))}, or empty for the default."
  }
}

variable "profile" {
  type        = string
  description = "AWS profile to use; empty for the credentials of the environment. Default: the one of locals.tf."
  default     = null
}

variable "region" {
  type        = string
  description = "AWS region of the repositories. Default: the one of locals.tf."
  default     = null

  validation {
    condition     = var.region != ""
    error_message = "The region is empty: leave the variable out for the region of locals.tf."
  }
}
