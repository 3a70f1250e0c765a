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
