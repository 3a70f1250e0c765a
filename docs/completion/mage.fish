# Completes the targets of mage and their flags, in fish. Mage's own completion knows no flags.
function __mage_targets
    mage -autocomplete 2>/dev/null; or mage -l 2>/dev/null | string replace -rf '^  ([a-z]\S*) .*' '$1'
end
function __mage_flags
    for word in (commandline -opc)
        contains -- $word (__mage_targets); and set -f target $word
    end
    mage -h $target 2>/dev/null | string replace '=<bool>' '<bool>' \
        | string replace -rf '^\t(-[a-zA-Z]+=?)<[^>]*> +(.*)' '$1\t$2'
end
complete -c mage -e
complete -c mage -f
complete -c mage -n 'not string match -q -- "-*" (commandline -ct)' -a '(__mage_targets)'
complete -c mage -n 'string match -q -- "-*" (commandline -ct)' -a '(__mage_flags)'
